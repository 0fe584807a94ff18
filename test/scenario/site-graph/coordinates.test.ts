import test from 'ava';
import { looksLikePlaces, parsePlaces } from '../../../src/scenario/site-graph/coordinates.js';
import { sentence } from '../temporary.js';

test('columns in any order, by comma, tab or semicolon, with quotes, comments and empty lines', (t) => {
  t.deepEqual(
    parsePlaces(
      '# made up\nLatitude, name ,Longitude,weight,region\n\n51.51,"London, UK",-0.13,7,Europe\n40.7,"The ""Big"" Apple",-74,8,\n',
      'c.csv',
    ),
    [
      { name: 'London, UK', latitude: 51.51, longitude: -0.13, weight: 7, region: 'Europe' },
      { name: 'The "Big" Apple', latitude: 40.7, longitude: -74, weight: 8, region: null },
    ],
  );
  for (const delimiter of ['\t', ';']) {
    const rows = [
      ['name', 'latitude', 'longitude'],
      ['a, b', '1', '2'],
    ];
    t.deepEqual(parsePlaces(rows.map((row) => row.join(delimiter)).join('\r\n'), 'c'), [
      { name: 'a, b', latitude: 1, longitude: 2, weight: 1, region: null },
    ]);
  }
});

test('a list of places is told from a matrix by its first line', (t) => {
  t.true(looksLikePlaces('# x\nname,latitude,longitude\na,1,2'));
  t.false(looksLikePlaces('a,b\n0,1\n1,0'));
  t.false(looksLikePlaces(''));
});

test('mistakes are sentences with the line', (t) => {
  const HEADER = 'name,latitude,longitude,weight\n';
  const wrong: [string, string][] = [
    ['', 'c: expected a line that names the columns and a line for each place, got nothing'],
    ['name,latitude,longitude', 'c: expected a line that names the columns and a line for each place, got nothing'],
    [
      'name,latitude,longtitude\na,1,2',
      'c:1: expected the columns name, latitude, longitude, weight, region, got "longtitude" (did you mean "longitude"?)',
    ],
    ['name,latitude\na,1', 'c:1: expected one column "longitude"'],
    ['name,latitude,longitude,name\na,1,2,b', 'c:1: expected one column "name"'],
    [`${HEADER}a,1,2`, 'c:2: expected 4 cells, as in the first line, got 3'],
    [`${HEADER}a,91,2,1`, 'c:2: latitude: expected degrees from -90 to 90, got "91"'],
    [`${HEADER}a,1,,1`, 'c:2: longitude: expected degrees from -180 to 180, got ""'],
    [`${HEADER}a,1,2,0`, 'c:2: weight: expected a number above 0, got "0"'],
    [`${HEADER},1,2,1`, 'c:2: name: expected a name, got nothing'],
    [`${HEADER}a,1,2,1\na,1,2,1`, 'c:3: name: expected another name, got "a" twice'],
  ];
  for (const [text, expected] of wrong)
    t.is(
      sentence(() => parsePlaces(text, 'c')),
      expected,
    );
});
