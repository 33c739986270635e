import { describe, expect, it } from 'vitest';
import { useRows } from './rows.ts';

const rows = useRows();

describe('scalar functions beside the engine, in queries', () => {
  it('computes for every row, nulls and repeated arguments too', async () => {
    const query = `datatable(t: string) ['ä', 'b', 'ä', ''] | extend p = punycode_from_string(t) | sort by t asc | project t, p`;
    expect(await rows(query)).toEqual(['["",""]', '["b","b-"]', '["ä","4ca"]', '["ä","4ca"]']);
  });

  it('gives the columns of a function that has several', async () => {
    const [transformed] = await rows(
      'print y = dynamic([1, 1, 1, 1]) | extend (re, im) = series_fft(y) | project re, im',
    );
    const parts = (JSON.parse(String(transformed)) as string[]).map((part) => JSON.parse(part) as number[]);
    expect(parts).toEqual([
      [4, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    const fit =
      'print y = dynamic([0, 1, 2, 3, 10, 8, 6, 4]) | extend series_fit_2lines(y) | project round(series_fit_2lines_y_rsquare, 6), series_fit_2lines_y_split_idx, round(series_fit_2lines_y_right_slope, 6), round(series_fit_2lines_y_left_slope, 6)';
    expect(await rows(fit)).toEqual(['[1,4,-2,1]']);
    const poly =
      'print y = dynamic([1, 3, 7, 13, 21]) | extend series_fit_poly(y, dynamic([0, 1, 2, 3, 4]), 2) | project round(series_fit_poly_y_rsquare, 6), round(toreal(series_fit_poly_y_coefficients[0]), 6)';
    expect(await rows(poly)).toEqual(['[1,1]']);
  });

  it('joins points to the polygons and lines near them', async () => {
    const tables = `let shapes = datatable(name: string, shape: dynamic) [
        'box', dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]]]})];
      let roads = datatable(name: string, shape: dynamic) [
        'road', dynamic({"type":"LineString","coordinates":[[0,0],[2,0]]})];
      let points = datatable(id: long, x: real, y: real) [1, 1.0, 1.0, 2, 5.0, 5.0, 3, 1.0, 1.0, 4, real(null), 1.0];`;
    const inside = `${tables} points | evaluate geo_polygon_lookup(shapes, shape, x, y) | sort by id asc | project id, name`;
    expect(await rows(inside)).toEqual(['[1,"box"]', '[3,"box"]']);
    const all = `${tables} points | evaluate geo_line_lookup(roads, shape, x, y, 120000, return_unmatched = true) | sort by id asc | project id, name`;
    expect(await rows(all)).toEqual(['[1,"road"]', '[2,""]', '[3,"road"]', '[4,""]']);
  });

  it('makes one schema of the values of each group', async () => {
    const query = `datatable(g: string, v: dynamic) ['a', dynamic({"x": 1}), 'a', dynamic({"x": "t"}), 'b', dynamic([1])]
      | summarize s = buildschema(v) by g | sort by g asc | project g, tostring(s)`;
    const [first, second] = await rows(query);
    expect(JSON.parse(String(first))[1]).toMatch(/^\{"x":\["(long","string|string","long)"\]\}$/);
    expect(second).toBe(JSON.stringify(['b', '{"`indexer`":"long"}']));
  });

  it('takes several values from one row', async () => {
    const query = `datatable(a: long, b: long) [long(null), 1, 2, long(null)] | summarize take_any(a, b) | project isnull(a) != isnull(b)`;
    expect(await rows(query)).toEqual(['[true]']);
  });

  it('refuses what the service refuses', async () => {
    expect(await rows('print d = dynamic([1]) | extend x = d * d')).toEqual(['SPOOR002']);
    expect(await rows('print x = iff(true, 1, 2.0)')).toEqual(['SPOOR004']);
    expect(await rows('print x = repeat(dynamic({"a": 1}), 3)')).toEqual(['SPOOR004']);
    expect(await rows('print x = assert(1 > 2, "no")')).toEqual(['SPOOR008']);
  });
});
