/**
 * Names of the language that are refused, by reason. The ledger test demands that every name the binder or the reference
 * knows is either supported or here, and never both, and that these are at most a twentieth of them.
 */
export interface Unsupported {
  readonly reason: string;
  readonly names: readonly string[];
}

export const UNSUPPORTED: readonly Unsupported[] = [
  {
    reason: 'asks another service or another cluster, and a query has no network',
    names: [
      'ai_chat_completion',
      'ai_chat_completion_prompt',
      'ai_embed_text',
      'ai_embeddings',
      'azure_digital_twins_query_request',
      'cosmosdb_sql_request',
      'dax_request',
      'execute_query',
      'execute_show_command',
      'http_request',
      'http_request_post',
      'infer_storage_schema',
      'infer_storage_schema_with_suggestions',
      'inline_external_table',
      'mysql_request',
      'postgresql_request',
      'sql_request',
    ],
  },
  {
    reason: 'runs foreign code beside the engine, which is no place for it',
    names: ['csharp', 'python', 'r'],
  },
  {
    reason: 'names what management commands make and keep in a database, and there are no such commands here',
    names: ['entity_group', 'external_table', 'graph', 'materialized_view', 'stored_query_result'],
  },
  {
    reason: 'is told in the reference by its results alone, and any other way to them would give other ones',
    names: ['diffpatterns_text', 'hash_combine', 'hash_many'],
  },
];

/**
 * Names that the binder hides from whoever writes a query, or that no page tells about: what they mean is nowhere to be
 * read. They are refused, and stand outside the ledger.
 */
export const UNDOCUMENTED: Unsupported = {
  reason: "is an internal name of Kusto's that no page tells about",
  names: [
    '__cast',
    '__geo_length_to_s2cell_level',
    '__geo_line_s2cell_covering_level',
    '__geo_line_validate',
    '__geo_polygon_s2cell_covering_level',
    '__geo_polygon_validate',
    '__hash_crc32',
    '__hash_djb2',
    '__hash_many_crc32',
    '__hash_xxh64',
    '__hll_normalize',
    '__invoke',
    '__ipv6_lookup_ranges',
    '__lz4_compress_dynamic_array_to_base64_string',
    '__partitionby',
    'external_datatable',
    'graph-where-edges',
    'graph-where-nodes',
    'hll_isvalid',
    'identity_v3',
    'passthrough',
    'rowstore_ordinal_range',
    'tdigest_isvalid',
  ],
};

const REASONS: ReadonlyMap<string, string> = new Map(
  [...UNSUPPORTED, UNDOCUMENTED].flatMap(({ reason, names }) => names.map((name) => [name, reason] as const)),
);

/** Why a name is refused; undefined for one that is in neither list. */
export function reasonAgainst(name: string): string | undefined {
  return REASONS.get(name);
}
