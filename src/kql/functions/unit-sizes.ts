/**
 * The size of each unit in the SI unit of its kind. Sources: https://www.nist.gov/pml/special-publication-811 and the
 * definitions of the units themselves.
 */
type Sizes = Readonly<Record<string, number>>;

const DEGREE = Math.PI / 180;
const GRAVITY = 9.80665;
const POUND = 0.45359237;
const FOOT = 0.3048;

/** In radians. */
export const ANGLE: Sizes = {
  Arcminute: DEGREE / 60,
  Arcsecond: DEGREE / 3600,
  Centiradian: 1e-2,
  Deciradian: 1e-1,
  Degree: DEGREE,
  Gradian: DEGREE * 0.9,
  Microdegree: DEGREE * 1e-6,
  Microradian: 1e-6,
  Millidegree: DEGREE * 1e-3,
  Milliradian: 1e-3,
  Nanodegree: DEGREE * 1e-9,
  Nanoradian: 1e-9,
  NatoMil: (DEGREE * 360) / 6400,
  Radian: 1,
  Revolution: DEGREE * 360,
};

const BTU = 1055.05585262;
const ELECTRON_VOLT = 1.602176634e-19;
const CALORIE = 4.184;

/** In joules. */
export const ENERGY: Sizes = {
  BritishThermalUnit: BTU,
  Calorie: CALORIE,
  DecathermEc: 1.05505585262e9,
  DecathermImperial: 1.05505585257348e9,
  DecathermUs: 1.054804e9,
  ElectronVolt: ELECTRON_VOLT,
  Erg: 1e-7,
  FootPound: POUND * GRAVITY * FOOT,
  GigabritishThermalUnit: BTU * 1e9,
  GigaelectronVolt: ELECTRON_VOLT * 1e9,
  Gigajoule: 1e9,
  GigawattDay: 8.64e13,
  GigawattHour: 3.6e12,
  HorsepowerHour: 2.6845195376961729e6,
  Joule: 1,
  KilobritishThermalUnit: BTU * 1e3,
  Kilocalorie: CALORIE * 1e3,
  KiloelectronVolt: ELECTRON_VOLT * 1e3,
  Kilojoule: 1e3,
  KilowattDay: 8.64e7,
  KilowattHour: 3.6e6,
  MegabritishThermalUnit: BTU * 1e6,
  Megacalorie: CALORIE * 1e6,
  MegaelectronVolt: ELECTRON_VOLT * 1e6,
  Megajoule: 1e6,
  MegawattDay: 8.64e10,
  MegawattHour: 3.6e9,
  Millijoule: 1e-3,
  TeraelectronVolt: ELECTRON_VOLT * 1e12,
  TerawattDay: 8.64e16,
  TerawattHour: 3.6e15,
  ThermEc: 1.05505585262e8,
  ThermImperial: 1.05505585257348e8,
  ThermUs: 1.054804e8,
  WattDay: 8.64e4,
  WattHour: 3.6e3,
};

/** In newtons. */
export const FORCE: Sizes = {
  Decanewton: 10,
  Dyn: 1e-5,
  KilogramForce: GRAVITY,
  Kilonewton: 1e3,
  KiloPond: GRAVITY,
  KilopoundForce: POUND * GRAVITY * 1e3,
  Meganewton: 1e6,
  Micronewton: 1e-6,
  Millinewton: 1e-3,
  Newton: 1,
  OunceForce: (POUND * GRAVITY) / 16,
  Poundal: 0.138254954376,
  PoundForce: POUND * GRAVITY,
  ShortTonForce: POUND * GRAVITY * 2000,
  TonneForce: GRAVITY * 1e3,
};

const INCH = 0.0254;
const SURVEY_FOOT = 1200 / 3937;
const LIGHT_YEAR = 9_460_730_472_580_800;
const ASTRONOMICAL_UNIT = 149_597_870_700;
const PARSEC = (ASTRONOMICAL_UNIT * 648_000) / Math.PI;

/** In metres. */
export const LENGTH: Sizes = {
  Angstrom: 1e-10,
  AstronomicalUnit: ASTRONOMICAL_UNIT,
  Centimeter: 1e-2,
  Chain: 66 * FOOT,
  DataMile: 6000 * FOOT,
  Decameter: 10,
  Decimeter: 1e-1,
  DtpPica: INCH / 6,
  DtpPoint: INCH / 72,
  Fathom: 6 * FOOT,
  Foot: FOOT,
  Hand: 4 * INCH,
  Hectometer: 100,
  Inch: INCH,
  KilolightYear: LIGHT_YEAR * 1e3,
  Kilometer: 1e3,
  Kiloparsec: PARSEC * 1e3,
  LightYear: LIGHT_YEAR,
  MegalightYear: LIGHT_YEAR * 1e6,
  Megaparsec: PARSEC * 1e6,
  Meter: 1,
  Microinch: INCH * 1e-6,
  Micrometer: 1e-6,
  Mil: INCH * 1e-3,
  Mile: 5280 * FOOT,
  Millimeter: 1e-3,
  Nanometer: 1e-9,
  NauticalMile: 1852,
  Parsec: PARSEC,
  PrinterPica: 12 * 0.013837 * INCH,
  PrinterPoint: 0.013837 * INCH,
  Shackle: 90 * FOOT,
  SolarRadius: 6.957e8,
  Twip: INCH / 1440,
  UsSurveyFoot: SURVEY_FOOT,
  Yard: 3 * FOOT,
};

/** In kilograms. */
export const MASS: Sizes = {
  Centigram: 1e-5,
  Decagram: 1e-2,
  Decigram: 1e-4,
  EarthMass: 5.9722e24,
  Grain: POUND / 7000,
  Gram: 1e-3,
  Hectogram: 1e-1,
  Kilogram: 1,
  Kilopound: POUND * 1e3,
  Kilotonne: 1e6,
  LongHundredweight: POUND * 112,
  LongTon: POUND * 2240,
  Megapound: POUND * 1e6,
  Megatonne: 1e9,
  Microgram: 1e-9,
  Milligram: 1e-6,
  Nanogram: 1e-12,
  Ounce: POUND / 16,
  Pound: POUND,
  ShortHundredweight: POUND * 100,
  ShortTon: POUND * 2000,
  Slug: (POUND * GRAVITY) / FOOT,
  SolarMass: 1.98847e30,
  Stone: POUND * 14,
  Tonne: 1e3,
};

/** In metres per second. */
export const SPEED: Sizes = {
  CentimeterPerHour: 1e-2 / 3600,
  CentimeterPerMinute: 1e-2 / 60,
  CentimeterPerSecond: 1e-2,
  DecimeterPerMinute: 1e-1 / 60,
  DecimeterPerSecond: 1e-1,
  FootPerHour: FOOT / 3600,
  FootPerMinute: FOOT / 60,
  FootPerSecond: FOOT,
  InchPerHour: INCH / 3600,
  InchPerMinute: INCH / 60,
  InchPerSecond: INCH,
  KilometerPerHour: 1e3 / 3600,
  KilometerPerMinute: 1e3 / 60,
  KilometerPerSecond: 1e3,
  Knot: 1852 / 3600,
  MeterPerHour: 1 / 3600,
  MeterPerMinute: 1 / 60,
  MeterPerSecond: 1,
  MicrometerPerMinute: 1e-6 / 60,
  MicrometerPerSecond: 1e-6,
  MilePerHour: (5280 * FOOT) / 3600,
  MillimeterPerHour: 1e-3 / 3600,
  MillimeterPerMinute: 1e-3 / 60,
  MillimeterPerSecond: 1e-3,
  NanometerPerMinute: 1e-9 / 60,
  NanometerPerSecond: 1e-9,
  UsSurveyFootPerHour: SURVEY_FOOT / 3600,
  UsSurveyFootPerMinute: SURVEY_FOOT / 60,
  UsSurveyFootPerSecond: SURVEY_FOOT,
  YardPerHour: (3 * FOOT) / 3600,
  YardPerMinute: (3 * FOOT) / 60,
  YardPerSecond: 3 * FOOT,
};

const US_GALLON = 0.003785411784;
const IMPERIAL_GALLON = 0.00454609;
const CUBIC_FOOT = FOOT ** 3;

/** In cubic metres. */
export const VOLUME: Sizes = {
  AcreFoot: 1 / 0.000810714,
  AuTablespoon: 2e-5,
  BoardFoot: CUBIC_FOOT / 12,
  Centiliter: 1e-5,
  CubicCentimeter: 1e-6,
  CubicDecimeter: 1e-3,
  CubicFoot: CUBIC_FOOT,
  CubicHectometer: 1e6,
  CubicInch: INCH ** 3,
  CubicKilometer: 1e9,
  CubicMeter: 1,
  CubicMicrometer: 1e-18,
  CubicMile: (5280 * FOOT) ** 3,
  CubicMillimeter: 1e-9,
  CubicYard: 27 * CUBIC_FOOT,
  Decaliter: 1e-2,
  DecausGallon: US_GALLON * 10,
  Deciliter: 1e-4,
  DeciusGallon: US_GALLON / 10,
  HectocubicFoot: CUBIC_FOOT * 100,
  HectocubicMeter: 100,
  Hectoliter: 0.1,
  HectousGallon: US_GALLON * 100,
  ImperialBeerBarrel: IMPERIAL_GALLON * 36,
  ImperialGallon: IMPERIAL_GALLON,
  ImperialOunce: IMPERIAL_GALLON / 160,
  ImperialPint: IMPERIAL_GALLON / 8,
  KilocubicFoot: CUBIC_FOOT * 1e3,
  KilocubicMeter: 1e3,
  KiloimperialGallon: IMPERIAL_GALLON * 1e3,
  Kiloliter: 1,
  KilousGallon: US_GALLON * 1e3,
  Liter: 1e-3,
  MegacubicFoot: CUBIC_FOOT * 1e6,
  MegaimperialGallon: IMPERIAL_GALLON * 1e6,
  Megaliter: 1e3,
  MegausGallon: US_GALLON * 1e6,
  MetricCup: 2.5e-4,
  MetricTeaspoon: 5e-6,
  Microliter: 1e-9,
  Milliliter: 1e-6,
  OilBarrel: US_GALLON * 42,
  UkTablespoon: 1.5e-5,
  UsBeerBarrel: US_GALLON * 31,
  UsCustomaryCup: US_GALLON / 16,
  UsGallon: US_GALLON,
  UsLegalCup: 2.4e-4,
  UsOunce: US_GALLON / 128,
  UsPint: US_GALLON / 8,
  UsQuart: US_GALLON / 4,
  UsTablespoon: US_GALLON / 256,
  UsTeaspoon: US_GALLON / 768,
};
