// Writes FILE.gz and FILE.br beside every file named on the command line, for hosts that serve
// compressed copies. Node's zlib does it, on its threads: no further dependency.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const [gz, br] = [promisify(gzip), promisify(brotliCompress)];

/** The largest first: it takes longer than all others together. */
const files = process.argv.slice(2).sort((a, b) => statSync(b).size - statSync(a).size);
await Promise.all(files.map(async (file) => {
  const data = readFileSync(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: data.length,
  };
  const [small, smaller] = await Promise.all([gz(data, { level: 9 }), br(data, { params })]);
  writeFileSync(`${file}.gz`, small);
  writeFileSync(`${file}.br`, smaller);
}));
