import { float64 } from '../../clickhouse/sql.ts';
import { need } from './operand.ts';
import { type Argument, ArgumentFault, type FunctionFamily, type ScalarFunction } from './registry.ts';
import { divided, minus, plus, times } from './ticks.ts';
import { ANGLE, ENERGY, FORCE, LENGTH, MASS, SPEED, VOLUME } from './unit-sizes.ts';

export const units: FunctionFamily = {
  convert_angle: linear('angle', ANGLE, ["convert_angle(1.2, 'Degree', 'Arcminute')", '72.0']),
  convert_energy: linear('energy', ENERGY, ["convert_energy(1.0, 'WattHour', 'Joule')", '3600.0']),
  convert_force: linear('force', FORCE, ["convert_force(1.2, 'Newton', 'Decanewton')", '0.12']),
  convert_length: linear('length', LENGTH, ["round(convert_length(1.0, 'Mile', 'Yard'), 6)", '1760.0']),
  convert_mass: linear('mass', MASS, ["convert_mass(1.0, 'Stone', 'Pound')", '14.0']),
  convert_speed: linear('speed', SPEED, ["round(convert_speed(1.0, 'Knot', 'MeterPerHour'), 6)", '1852.0']),
  convert_volume: linear('volume', VOLUME, ["convert_volume(1.0, 'CubicMeter', 'Liter')", '1000.0']),
  convert_temperature: {
    summary: 'A temperature in another unit.',
    page: 'convert-temperature-function',
    params: ['real', 'string'],
    nulls: 'maybe',
    sql: ([value, from, to]) => {
      const [scale, zero] = member(TEMPERATURE, from);
      const [toScale, toZero] = member(TEMPERATURE, to);
      const kelvin = plus(times(need(value).sql, float64(scale)), float64(zero));
      return divided(minus(kelvin, float64(toZero)), float64(toScale));
    },
    examples: [["convert_temperature(1.2, 'Kelvin', 'DegreeCelsius')", '-271.95']],
  },
};

/** Kelvins per degree, and the kelvins at zero degrees. https://en.wikipedia.org/wiki/Conversion_of_scales_of_temperature */
const TEMPERATURE: Readonly<Record<string, readonly [scale: number, zero: number]>> = {
  Kelvin: [1, 0],
  DegreeCelsius: [1, 273.15],
  MillidegreeCelsius: [0.001, 273.15],
  DegreeFahrenheit: [5 / 9, 459.67 * (5 / 9)],
  DegreeRankine: [5 / 9, 0],
  DegreeReaumur: [1.25, 273.15],
  DegreeRoemer: [40 / 21, 273.15 - 7.5 * (40 / 21)],
  DegreeNewton: [100 / 33, 273.15],
  DegreeDelisle: [-2 / 3, 373.15],
  SolarTemperature: [5778, 0],
};

function linear(
  what: string,
  sizes: Readonly<Record<string, number>>,
  example: readonly [string, string],
): ScalarFunction {
  return {
    summary: `The same ${what} in another unit.`,
    page: `convert-${what}-function`,
    params: ['real', 'string'],
    nulls: 'maybe',
    sql: ([value, from, to]) => {
      const [size, other] = [member(sizes, from), member(sizes, to)];
      const { sql: number } = need(value);
      return divided(times(number, float64(size)), float64(other));
    },
    examples: [example],
  };
}

function member<T>(units: Readonly<Record<string, T>>, name: Argument | undefined): T {
  const found = typeof name?.constant === 'string' ? units[name.constant] : undefined;
  if (found === undefined) throw new ArgumentFault(`the unit is one of ${Object.keys(units).join(', ')}`);
  return found;
}
