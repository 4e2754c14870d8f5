// The Node driver as a client of the steps: a command a line in, an answer a line out (docs/sandbox-clients.md).
'use strict';
const readline = require('node:readline');
const path = require('node:path');
const { createRequire } = require('node:module');

// The packages lie where the install step put them, not beside this file.
const snowflake = createRequire(path.join(process.env.CLIENT_PACKAGES, 'package.json'))('snowflake-sdk');

const WAYS = { key_pair: 'SNOWFLAKE_JWT', oauth: 'OAUTH', access_token: 'PROGRAMMATIC_ACCESS_TOKEN' };
// Text of the times as all clients give it; the server reads these as it would a session's own.
const FORMATS = {
  DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
  TIME_OUTPUT_FORMAT: 'HH24:MI:SS.FF9',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF9',
  TIMESTAMP_LTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF9 TZHTZM',
  TIMESTAMP_TZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF9 TZHTZM',
  BINARY_OUTPUT_FORMAT: 'HEX',
};

let connection;
let running; // { statement, answer }

function failure(error) {
  const code = /^\d+$/.test(error.code) ? Number(error.code) : (error.code ?? null);
  return { error: { code, sqlstate: error.sqlState ?? null, message: error.message } };
}

async function connect(given) {
  snowflake.configure({ logLevel: 'OFF', disableOCSPChecks: true });
  const names = {};
  for (const name of ['database', 'schema', 'warehouse', 'role']) if (given[name]) names[name] = given[name];
  const way = given.auth === 'password' ? { password: given.password } : { authenticator: WAYS[given.auth] };
  if (given.auth === 'key_pair') way.privateKey = given.private_key;
  else if (given.auth !== 'password') way.token = given.token;
  // Of all parameters the driver sends two at sign-in; the rest it can only be given by statements. [src]
  const parameters = { ...FORMATS, ...given.parameters };
  const keepAlive = parameters.CLIENT_SESSION_KEEP_ALIVE === 'true';
  const queryTag = parameters.QUERY_TAG;
  delete parameters.CLIENT_SESSION_KEEP_ALIVE;
  delete parameters.QUERY_TAG;
  connection = snowflake.createConnection({
    accessUrl: `${given.protocol}://${given.host}:${given.port}`, account: given.account, username: given.user,
    clientSessionKeepAlive: keepAlive, queryTag, representNullAsStringNull: false, fetchAsString: ['Boolean', 'Number', 'Date', 'Buffer', 'JSON'], ...names, ...way,
  });
  await new Promise((done, failed) => connection.connect((error) => (error ? failed(error) : done())));
  for (const [name, value] of Object.entries(parameters)) {
    const answer = await begin({ sql: `ALTER SESSION SET ${name} = '${value}'` }).answer;
    if (answer.error) return answer;
  }
  return { ok: true };
}

// In the one form that all clients give: text, or null. What has an offset is told in UTC.
function normal(cell, type) {
  if (cell === null || cell === undefined) return null;
  const found = /^(.* )(\d\d):(\d\d):(\d\d\.\d+) ([+-])(\d\d)(\d\d)$/.exec(cell);
  if (type === 'boolean') return String(cell).toLowerCase();
  if (!found || !/^timestamp_[lt]/.test(type)) return String(cell);
  const [, day, hour, minute, second, sign, offsetHours, offsetMinutes] = found;
  const offset = (sign === '-' ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes));
  const at = new Date(`${day.trim()}T${hour}:${minute}:00Z`);
  at.setUTCMinutes(at.getUTCMinutes() - offset);
  return `${at.toISOString().slice(0, 16).replace('T', ' ')}:${second}Z`;
}

function begin(given) {
  const current = {};
  current.answer = new Promise((done) => {
    const options = {
      sqlText: given.sql,
      rowMode: 'array',
      complete: (error, statement, rows) => {
        if (error) return done(failure(error));
        const columns = statement.getColumns() || [];
        const table = (rows || []).map((row) => (Array.isArray(row) ? row : Object.values(row)));
        done({
          // PUT and GET have rows that the driver makes up, without columns.
          columns: columns.length ? columns.map((column) => column.getName()) : Object.keys(rows?.[0] ?? {}),
          rows: table.map((row) => row.map((cell, at) => normal(cell, columns[at] ? columns[at].getType() : 'text'))),
          count: given.update ? statement.getNumUpdatedRows() : null,
          id: statement.getQueryId() ?? null,
        });
      },
    };
    if (given.binds || given.bind_rows) options.binds = given.binds ?? given.bind_rows;
    if (given.parameters) options.parameters = given.parameters;
    current.statement = connection.execute(options);
  });
  return current;
}

async function answerTo(given) {
  switch (given.do) {
    case 'connect':
      return connect(given);
    case 'execute':
      return begin(given).answer;
    case 'start':
      running = begin(given);
      return { ok: true };
    case 'cancel':
      await new Promise((done, failed) => running.statement.cancel((error) => (error ? failed(error) : done())));
      return { ok: true };
    case 'alive':
      return { ok: await connection.isValidAsync() };
    case 'wait':
      return running.answer;
    default:
      await new Promise((done, failed) => connection.destroy((error) => (error ? failed(error) : done())));
      return { ok: true };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let answer;
    try {
      answer = await answerTo(JSON.parse(line));
    } catch (error) {
      answer = failure(error);
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
  process.exit(0);
}

main();
