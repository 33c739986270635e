/** DATA: clients of all years write Defender's paths with a version or without one. */
export const DEFENDER_ROOTS = ['/api', '/api/v1.0'] as const;
