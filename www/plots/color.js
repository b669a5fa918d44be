// The colour maps: cividis for densities, even in lightness, the same to colour-blind eyes; and one that diverges from zero.

const STOPS = [
  [0, 32, 77], [0, 43, 101], [22, 54, 110], [49, 68, 107], [68, 81, 107], [85, 93, 109], [101, 106, 112], [115, 119, 117],
  [129, 132, 120], [146, 146, 120], [164, 160, 117], [182, 175, 111], [201, 191, 103], [220, 207, 92], [239, 224, 78], [255, 233, 69],
];

/** 256 colours, three bytes each. */
const cividis = (() => {
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) {
    const p = (i / 255) * (STOPS.length - 1);
    const k = Math.min(STOPS.length - 2, Math.floor(p));
    for (let c = 0; c < 3; c++) table[3 * i + c] = STOPS[k][c] + (p - k) * (STOPS[k + 1][c] - STOPS[k][c]);
  }
  return table;
})();

/** @param {number} v 0 … 1 */
export function cividisCss(v) {
  const i = 3 * Math.round(255 * Math.max(0, Math.min(1, v)));
  return `rgb(${cividis[i]} ${cividis[i + 1]} ${cividis[i + 2]})`;
}

const LIGHT = [[127, 59, 8], [214, 126, 32], [253, 208, 150], [246, 246, 245], [186, 218, 238], [82, 156, 206], [3, 76, 128]];
const DARK = [[255, 205, 140], [222, 138, 48], [124, 80, 32], [30, 34, 40], [30, 80, 122], [52, 136, 198], [168, 222, 255]];

/** Orange below zero, blue above, paper between: even for colour-blind eyes. @param {boolean} dark @param {number} v  −1 … 1 */
export function diverging(dark, v) {
  const stops = dark ? DARK : LIGHT;
  const p = ((Math.max(-1, Math.min(1, v)) + 1) / 2) * (stops.length - 1);
  const k = Math.min(stops.length - 2, Math.floor(p));
  return stops[k].map((c, i) => Math.round(c + (p - k) * (stops[k + 1][i] - c)));
}

/** A wash of yellow over the page's own paper, where the map must stay behind lines. @param {number} v 0 … 1 */
export function washCss(v) {
  return `rgb(222 190 40 / ${0.6 * Math.max(0, Math.min(1, v))})`;
}

/**
 * A picture of values on a grid: columns from left to right, rows from the bottom up.
 * @param {number} columns
 * @param {number} rows
 * @param {(column: number, row: number) => number} value  0 … 1
 * @param {boolean} [wash]  a wash over the paper, in place of cividis
 */
export function heat(columns, rows, value, wash = false) {
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = ctx.createImageData(columns, rows);
  for (let c = 0; c < columns; c++) {
    for (let r = 0; r < rows; r++) {
      const v = value(c, r);
      const to = 4 * ((rows - 1 - r) * columns + c);
      if (wash) {
        image.data.set([222, 190, 40, 153 * v], to);
        continue;
      }
      const from = 3 * Math.round(255 * (v > 0 ? (v < 1 ? v : 1) : 0));
      image.data[to] = cividis[from];
      image.data[to + 1] = cividis[from + 1];
      image.data[to + 2] = cividis[from + 2];
      image.data[to + 3] = 255;
    }
  }
  ctx.putImageData(image, 0, 0);
  return canvas;
}
