import { describe, expect, it } from 'vitest';
import type { Cell, Json } from '../../contract.ts';
import { geoPrograms } from './programs.ts';

const park: Json = {
  type: 'Polygon',
  coordinates: [
    [
      [-73.9495, 40.7969],
      [-73.95807266235352, 40.80068603561921],
      [-73.98201942443848, 40.76825672305777],
      [-73.97317886352539, 40.76455136505513],
      [-73.9495, 40.7969],
    ],
  ],
};
const street: Json = {
  type: 'LineString',
  coordinates: [
    [-73.95796, 40.80042],
    [-73.97317, 40.764486],
  ],
};

function run(name: string, ...args: readonly Cell[]): Cell {
  const program = geoPrograms[name];
  if (!program) throw new Error(`no program ${name}`);
  return program.compute(args, []);
}

function coordinates(shape: Cell): readonly number[] {
  return ((shape as { readonly coordinates: unknown }).coordinates as number[]).flat(9) as number[];
}

// Numbers that the service was measured to answer.
describe('geometry on a sphere', () => {
  it('measures areas, distances and centroids', () => {
    expect(run('geo_polygon_area', park)).toBeCloseTo(3475207.28346606, 3);
    expect(run('geo_distance_point_to_polygon', -73.9839, 40.7705, park)).toBeCloseTo(259.9407560705964, 6);
    expect(run('geo_distance_point_to_polygon', -73.96, 40.785, park)).toBe(0);
    const [lng, lat] = coordinates(run('geo_polygon_centroid', park));
    expect(lng).toBeCloseTo(-73.96573568990762, 9);
    expect(lat).toBeCloseTo(40.78255053805781, 9);
    expect(coordinates(run('geo_line_interpolate_point', street, 0.25))[0]).toBeCloseTo(
      -73.96176404321828,
      9,
    );
  });

  it('names S2 cells, with the cells of a level that touch a polygon', () => {
    expect(run('geo_point_to_s2cell', -80.195829, 25.802215, 8n)).toBe('88d9b');
    expect(run('geo_point_to_s2cell', 1, 1, 35n)).toBe('');
    expect(coordinates(run('geo_s2cell_to_central_point', '1234567'))[1]).toBeCloseTo(27.468392925827605, 12);
    const wide: Json = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [0, 50],
          [100, 50],
          [0, 0],
        ],
      ],
    };
    expect(run('geo_polygon_to_s2cells', wide, 5n)).toHaveLength(286);
    expect(run('geo_polygon_to_s2cells', wide, 30n)).toBeNull();
    expect(new Set(run('geo_s2cell_neighbors', '89c259') as string[])).toEqual(
      new Set(['89c25d', '89c25b', '89c2f7', '89c257', '89c2f5', '89c251', '89c25f', '89c2f9']),
    );
  });

  it('has the neighbours of a cell at the edge of a face of the cube', () => {
    const corner = run('geo_s2cell_neighbors', '04') as string[];
    expect(new Set(corner).size).toBe(corner.length);
    for (const cell of corner) expect(run('geo_s2cell_neighbors', cell)).toContain('04');
  });

  it('draws a circle with the tolerance that is asked for', () => {
    const points = coordinates(run('geo_point_buffer', -115.1745008278, 36.1497251277, 20000));
    expect(points).toHaveLength(2 * 101);
    expect(points[0]).toBeCloseTo(-115.23572342504431, 8);
  });

  it('unites and intersects', () => {
    const crossing: Json = {
      type: 'LineString',
      coordinates: [
        [-73.985195, 40.788275],
        [-73.974552, 40.779761],
      ],
    };
    const other: Json = {
      type: 'LineString',
      coordinates: [
        [-73.978929, 40.785155],
        [-73.980903, 40.782621],
      ],
    };
    expect(coordinates(run('geo_intersection_2lines', other, crossing))[0]).toBeCloseTo(
      -73.97983711667098,
      9,
    );
    expect(run('geo_intersects_2lines', other, street)).toBe(false);
    const united = run('geo_union_polygons_array', [park, park]);
    expect(run('geo_polygon_area', united)).toBeCloseTo(3475207.28346606, 2);
  });

  it('answers null for what is no valid shape', () => {
    const flat: Json = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [10, 10],
          [10, 10],
          [0, 0],
        ],
      ],
    };
    expect(run('geo_polygon_area', flat)).toBeNull();
    expect(run('geo_line_centroid', { type: 'LineString' })).toBeNull();
    expect(run('geo_line_densify', street, 0)).toBeNull();
    expect(run('geo_from_wkt', 'LINESTRING')).toBeNull();
    expect(run('geo_union_polygons_array', [park, null])).toBeNull();
  });

  it('reads well-known text', () => {
    expect(run('geo_from_wkt', 'MULTIPOINT ((1 1), (2 -2.5e1))')).toEqual({
      type: 'MultiPoint',
      coordinates: [
        [1, 1],
        [2, -25],
      ],
    });
  });
});
