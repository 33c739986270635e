/**
 * Settings that fix the meaning of a hunting statement: the compiler's SQL is right only under these.
 * Memory, time and thread caps are the client's, not named here.
 */
export const HUNT_SETTINGS: Readonly<Record<string, string | number>> = {
  // An unmatched side of an outer join fills with the type's default: '' for strings, NULL for the Nullable rest.
  join_use_nulls: 0,
  // Functions of dates keep years outside 1970 to 2106 instead of wrapping silently.
  enable_extended_results_for_datetime_functions: 1,
  // 2020-08-30T06:38:35.7664356Z
  date_time_output_format: 'iso',
  // 64-bit integers as bare digits; whoever reads cells never goes through a double.
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_decimals: 1,
  output_format_json_quote_denormals: 1,
  output_format_json_escape_forward_slashes: 0,
  // A branch that is not taken is not evaluated, so a guarded division or cast cannot throw.
  short_circuit_function_evaluation: 'force_enable',
  // The engine's rewrite of `match(..) OR match(..)` and of LIKE chains fails inside a lambda over an aggregate
  // (LOGICAL_ERROR in 26.7.2).
  optimize_or_like_chain: 0,
  // Rows that a statement reads twice are computed once (passes/share.ts).
  enable_materialized_cte: 1,
  // Large literals and deep nesting of generated text; the compiler has limits of its own.
  max_query_size: 67_108_864,
  max_ast_depth: 10_000,
  max_ast_elements: 2_000_000,
  max_expanded_ast_elements: 2_000_000,
  max_parser_depth: 10_000,
  max_parser_backtracks: 100_000_000,
};

/** What every insert of events into a hunting table needs of the engine, beside how the batch becomes a block. */
export const STORE_SETTINGS = {
  // Old events of many months may come in one batch; the default refuses a block of more than 100 partitions.
  max_partitions_per_insert_block: '0',
  // Skip indexes are built when parts are merged, which comes soon: an insert costs half as much (docs/storage.md).
  // A part without its index is scanned, so answers do not change.
  materialize_skip_indexes_on_insert: 0,
} as const;
