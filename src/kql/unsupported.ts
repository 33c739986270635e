/**
 * Names of the language that are refused, by reason. The ledger test demands that every name the binder knows is either
 * supported or here, and never both.
 */
export interface Unsupported {
  readonly reason: string;
  readonly names: readonly string[];
}

export const UNSUPPORTED: readonly Unsupported[] = [
  {
    reason:
      'reads another cluster, another database or a service: a tenant is one database, and a query has no network',
    names: [
      'cluster',
      'database',
      'external_table',
      'external_datatable',
      'materialized_view',
      'stored_query_result',
      'entity_group',
      'ai_chat_completion',
      'ai_chat_completion_prompt',
      'ai_embed_text',
      'ai_embeddings',
      'azure_digital_twins_query_request',
      'cosmosdb_sql_request',
      'dax_request',
      'http_request',
      'http_request_post',
      'mysql_request',
      'postgresql_request',
      'sql_request',
      'execute_query',
      'execute_show_command',
      'infer_storage_schema',
      'infer_storage_schema_with_suggestions',
    ],
  },
  {
    reason: 'runs foreign code beside the engine, which is no place for it',
    names: ['csharp', 'python', 'r'],
  },
  {
    reason: "shows the inside of Kusto's own storage or principals, which does not exist here",
    names: [
      'current_cluster_endpoint',
      'current_cursor',
      'current_database',
      'current_node_id',
      'current_principal',
      'current_principal_details',
      'current_principal_is_member_of',
      'cursor_after',
      'cursor_before_or_at',
      'cursor_current',
      'estimate_rows_count',
      'extent_id',
      'extentid',
      'extent_tags',
      'row_id',
      'rowstore_ordinal_range',
      'identity',
      'identity_v3',
      'passthrough',
    ],
  },
  {
    reason: "is an internal name of Kusto's, not for queries",
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
      'hll_isvalid',
      'tdigest_isvalid',
      '__hll_normalize',
      '__invoke',
      '__ipv6_lookup_ranges',
      '__lz4_compress_dynamic_array_to_base64_string',
    ],
  },
  {
    reason: 'names a graph that a database keeps; here a graph is made within the query',
    names: ['graph'],
  },
  {
    reason: 'covers areas with cells of the H3 grid, for which nothing here knows how',
    names: ['geo_polygon_to_h3cells'],
  },
  {
    reason:
      "combines hashes in a way that is not published, and any other would give other numbers than Kusto's",
    names: ['hash_combine', 'hash_many'],
  },
];

const REASONS: ReadonlyMap<string, string> = new Map(
  UNSUPPORTED.flatMap(({ reason, names }) => names.map((name) => [name, reason] as const)),
);

/** Why a name is refused; undefined for one that is not in the list. */
export function reasonAgainst(name: string): string | undefined {
  return REASONS.get(name);
}
