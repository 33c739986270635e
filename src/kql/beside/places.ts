/** The one scalar beside the engine that needs a file: a database of places. */
export const PLACES = 'geo_info_from_ip_address';
