// A small load, tested without an account: imednet-sandbox run --allow-faults -- node --test
'use strict';
const assert = require('node:assert/strict');
const path = require('node:path');
const { after, before, beforeEach, test } = require('node:test');
const snowflake = require('snowflake-sdk');

const FILE = path.resolve(__dirname, '../visits.parquet');
const COPY = 'COPY INTO visits FROM @loads FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE';
const own = (name) => process.env[`SNOWFLAKE_${name}`]; // set by imednet-sandbox run

let connection;

function run(sqlText) {
  return new Promise((done, failed) => {
    connection.execute({ sqlText, complete: (error, _, rows) => (error ? failed(error) : done(rows)) });
  });
}

const put = () => run(`PUT 'file://${FILE}' @loads AUTO_COMPRESS = FALSE`);

// Gives an order for something to go wrong, or tells of each how often it fired, or (DELETE) takes them back.
async function orders(method, order) {
  const answer = await fetch(`http://${own('HOST')}:${own('PORT')}/sandbox/orders`, { method, body: order && JSON.stringify(order) });
  assert.equal(answer.status, 200);
  return (await answer.json()).data;
}

before(async () => {
  snowflake.configure({ logLevel: 'OFF', disableOCSPChecks: true });
  connection = snowflake.createConnection({
    accessUrl: `${own('PROTOCOL')}://${own('HOST')}:${own('PORT')}`, account: own('ACCOUNT'), username: own('USER'), password: own('PASSWORD'),
    database: own('DATABASE'), schema: own('SCHEMA'), warehouse: own('WAREHOUSE'),
  });
  await new Promise((done, failed) => connection.connect((error) => (error ? failed(error) : done())));
});

beforeEach(async () => {
  await run('CREATE OR REPLACE TABLE visits (id NUMBER(9,0), subject VARCHAR, visited VARCHAR)');
  await run('CREATE OR REPLACE STAGE loads');
});

after(() => new Promise((done) => connection.destroy(done)));

test('the file is staged and loaded', async () => {
  assert.equal((await put())[0].status, 'UPLOADED');
  const [loaded] = await run(COPY);
  assert.deepEqual([loaded.file, loaded.status, loaded.rows_loaded], ['loads/visits.parquet', 'LOADED', 3]);
  assert.deepEqual(await run('SELECT * FROM visits ORDER BY id'), [
    { ID: 1, SUBJECT: 'S-001', VISITED: '2026-01-05' },
    { ID: 2, SUBJECT: 'S-002', VISITED: '2026-01-06' },
    { ID: 3, SUBJECT: null, VISITED: '2026-02-01' },
  ]);
});

test('a store that is busy is tried again', async () => {
  await orders('POST', { match: { server: 'store', method: 'PUT' }, do: { status: 503 } });
  try {
    await put();
    assert.deepEqual((await orders('GET')).map((order) => order.fired), [1]);
  } finally {
    await orders('DELETE');
  }
  assert.equal((await run(COPY))[0].rows_loaded, 3);
});
