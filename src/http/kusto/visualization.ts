import type { Visualization, VisualProperty } from '../../model/visualization.ts';

/**
 * DATA: the members of the annotation in the order of the service, with what they are where nothing is asked for, and the
 * property of `render` that fills each.
 * Source: the answers that Kusto's clients are tested with, and https://learn.microsoft.com/kusto/query/render-operator
 */
const MEMBERS: readonly (readonly [
  name: string,
  property: string | undefined,
  unset: VisualProperty | null,
])[] = [
  ['Visualization', undefined, null],
  ['Title', 'title', null],
  ['XColumn', 'xcolumn', null],
  ['Series', 'series', null],
  ['YColumns', 'ycolumns', null],
  ['AnomalyColumns', 'anomalycolumns', null],
  ['XTitle', 'xtitle', null],
  ['YTitle', 'ytitle', null],
  ['XAxis', 'xaxis', null],
  ['YAxis', 'yaxis', null],
  ['Legend', 'legend', null],
  ['YSplit', 'ysplit', null],
  ['Accumulate', 'accumulate', false],
  ['IsQuerySorted', undefined, false],
  ['Kind', 'kind', null],
  ['Ymin', 'ymin', 'NaN'],
  ['Ymax', 'ymax', 'NaN'],
  ['Xmin', 'xmin', null],
  ['Xmax', 'xmax', null],
];

/** The annotation `Visualization` of one table, as JSON text. */
export function visualizationText(asked: Visualization | undefined): string {
  const { kind = null, properties = {}, isSorted = false } = asked ?? {};
  // The spelling of old queries: `render timechart by Column`.
  const given: Visualization['properties'] =
    'by' in properties ? { series: properties['by'] ?? [], ...properties } : properties;
  const members = MEMBERS.map(([name, property, unset]) => {
    if (name === 'Visualization') return [name, kind];
    if (name === 'IsQuerySorted') return [name, isSorted];
    const value = property !== undefined && Object.hasOwn(given, property) ? given[property] : undefined;
    return [name, value === undefined ? unset : shaped(property, value)];
  });
  return JSON.stringify(Object.fromEntries(members));
}

/** One column stands for itself where only one can be meant. */
function shaped(property: string | undefined, value: VisualProperty): VisualProperty {
  if (property === 'xcolumn') return typeof value === 'object' ? (value[0] ?? '') : value;
  return value;
}
