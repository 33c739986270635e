import { withAliases } from './aliases.ts';
import { arithmetic } from './arithmetic.ts';
import { around } from './around.ts';
import { arrayOrder } from './array-order.ts';
import { arrays } from './arrays.ts';
import { bags } from './bags.ts';
import { bits } from './bits.ts';
import { comparison } from './comparison.ts';
import { conditional } from './conditional.ts';
import { conversions } from './conversions.ts';
import { dataSize } from './data-size.ts';
import { dateFormat } from './date-format.ts';
import { dateParts } from './date-parts.ts';
import { dates } from './dates.ts';
import { distributions } from './distributions.ts';
import { dynamics } from './dynamics.ts';
import { encoding } from './encoding.ts';
import { expansion } from './expansion.ts';
import { geoCells } from './geo-cells.ts';
import { geoMeasures } from './geo-measures.ts';
import { geoPolygonCells } from './geo-polygon-cells.ts';
import { geoPolygons } from './geo-polygons.ts';
import { hashing } from './hashing.ts';
import { internal } from './internal.ts';
import { ip } from './ip.ts';
import { ipSearch } from './ip-search.ts';
import { kvPairs } from './kv-pairs.ts';
import { logic } from './logic.ts';
import { madeArrays } from './made-arrays.ts';
import { math } from './math.ts';
import { parsePatterns } from './parse-pattern.ts';
import { parsingFunctions } from './parsing.ts';
import { regex } from './regex.ts';
import type { FunctionFamily } from './registry.ts';
import { rounding } from './rounding.ts';
import { scanSteps } from './scan-steps.ts';
import { seriesDecompose } from './series-decompose.ts';
import { seriesElements } from './series-elements.ts';
import { seriesFills } from './series-fills.ts';
import { seriesFilters } from './series-filters.ts';
import { seriesGrid } from './series-grid.ts';
import { seriesLines } from './series-lines.ts';
import { seriesSeasons } from './series-seasons.ts';
import { seriesTotals } from './series-totals.ts';
import { sets } from './sets.ts';
import { setsIn } from './sets-in.ts';
import { sketches } from './sketches.ts';
import { stringOperators } from './string-operators.ts';
import { strings } from './strings.ts';
import { textSearch } from './text-search.ts';
import { timeZones } from './time-zones.ts';
import { units } from './units.ts';
import { xml } from './xml.ts';

/** Every scalar function and operator, by its name in KQL. A name twice would hide one entry: a test forbids it. */
export const FUNCTIONS: FunctionFamily = withAliases({
  ...geoPolygons,
  ...geoPolygonCells,
  ...units,
  ...distributions,
  ...xml,
  ...geoMeasures,
  ...around,
  ...dataSize,
  ...geoCells,
  ...timeZones,
  ...dateFormat,
  ...dateParts,
  ...dates,
  ...sets,
  ...madeArrays,
  ...dynamics,
  ...bags,
  ...arrayOrder,
  ...arrays,
  ...rounding,
  ...math,
  ...conditional,
  ...bits,
  ...arithmetic,
  ...comparison,
  ...conversions,
  ...internal,
  ...expansion,
  ...parsePatterns,
  ...scanSteps,
  ...seriesGrid,
  ...kvPairs,
  ...logic,
  ...sketches,
  ...seriesElements,
  ...seriesTotals,
  ...seriesFills,
  ...seriesFilters,
  ...seriesLines,
  ...seriesSeasons,
  ...seriesDecompose,
  ...stringOperators,
  ...setsIn,
  ...regex,
  ...strings,
  ...textSearch,
  ...ip,
  ...ipSearch,
  ...encoding,
  ...hashing,
  ...parsingFunctions,
});
