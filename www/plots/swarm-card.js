// The density of particles on pixels by the graphics card, through WebGL 2: one pass adds them up, one gives the colours. It is the
// picture of `Swarm` to rounding. Software that takes a card's place is slower than our own loop, and is not used.

/**
 * @typedef {import('./particles.js').Cloud} Cloud
 * @typedef {import('./swarm.js').Way} Way
 */

/** Frames whose numbers stay on the card: two are shown, the next ones come one by one. */
const HELD = 4;

const HEAD = `#version 300 es
precision highp float;
`;

/** A particle on its four pixels. @param {number} dim @param {string} shade */
const place = (dim, shade) => `${HEAD}
in vec${dim} now;
in vec${dim} then;
uniform vec2 mix2; // of both frames
uniform vec${dim} across, up;
uniform vec2 size;
out float tint;
out vec2 centre;
${shade}
void main() {
  vec${dim} x = mix2.x * now + mix2.y * then;
  vec2 at = vec2(dot(across, x), dot(up, x));
  bool inside = all(lessThanEqual(abs(at), vec2(1.0))); // also no where it is no number
  tint = ${shade ? 'shade(x)' : '0.0'};
  centre = 0.5 * size * (1.0 + at);
  gl_Position = inside ? vec4(at, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = 2.25; // cards place a point to 1/16 of a pixel
}`;

const ADD = `${HEAD}
in float tint;
in vec2 centre;
out vec4 sums;
void main() {
  vec2 part = max(1.0 - abs(gl_FragCoord.xy - centre), 0.0);
  float weight = part.x * part.y;
  sums = vec4(weight, weight * tint, 0.0, 0.0);
}`;

const CORNERS = `${HEAD}
void main() {
  gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0);
}`;

const COLOUR = `${HEAD}
uniform sampler2D sums;
uniform float mean, thick, fade;
uniform vec3 from, to;
out vec4 color;
void main() {
  vec2 here = texelFetch(sums, ivec2(gl_FragCoord.xy), 0).xy;
  float opaque = fade * (1.0 - exp(-here.x / (mean * thick)));
  color = vec4(mix(from, to, here.x > 0.0 ? here.y / here.x : 0.0) * opaque, opaque);
}`;

/** @typedef {{ program: WebGLProgram, at: Record<string, WebGLUniformLocation|null> }} Step */

export class Card {
  /**
   * The card; null where there is none, or where it does not draw a particle as it should.
   * @param {{ software?: boolean }} [how]  software: also a program that takes its place
   */
  static open({ software = false } = {}) {
    const canvas = document.createElement('canvas');
    const gl = canvas.getContext('webgl2', { failIfMajorPerformanceCaveat: !software, antialias: false, depth: false });
    if (!gl?.getExtension('EXT_color_buffer_float') || (!software && isProgram(gl))) return null;
    const card = new Card(canvas, gl, gl.getExtension('EXT_float_blend') !== null);
    return card.#works() ? card : null;
  }

  /** @param {HTMLCanvasElement} canvas @param {WebGL2RenderingContext} gl @param {boolean} single  sums of 32 bits, else of 16 */
  constructor(canvas, gl, single) {
    this.canvas = canvas;
    this.gl = gl;
    this.format = single ? gl.RG32F : gl.RG16F;
    this.broken = false;
    this.#forget();
    canvas.addEventListener('webglcontextlost', (e) => e.preventDefault()); // it may come back
    canvas.addEventListener('webglcontextrestored', () => {
      gl.getExtension('EXT_color_buffer_float');
      gl.getExtension('EXT_float_blend');
      this.#forget();
    });
  }

  /** Draws one particle in the middle of a pixel of nine, which takes its colour and one opacity. */
  #works() {
    const { gl } = this;
    const middle = new Float32Array([0, 0]);
    const way = /** @type {Way} */ ({ rows: [[1, 0], [0, 1]], colors: [[255, 0, 0], [255, 0, 0]] });
    if (!this.draw(3, 3, 1, { now: middle, then: middle, p: 1, q: 0 }, way, 9)) return false;
    const pixels = new Uint8Array(9 * 4);
    gl.readPixels(0, 0, 3, 3, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    const opaque = 255 * (1 - Math.exp(-1));
    return pixels.every((v, i) => Math.abs(v - (i === 16 || i === 19 ? opaque : 0)) < 2);
  }

  get lost() {
    return this.broken || this.gl.isContextLost();
  }

  #forget() {
    /** @type {Map<string, Step>} */
    this.steps = new Map();
    /** The frames that are on the card: the one used last is the last. @type {{ name: string, buffer: WebGLBuffer|null }[]} */
    this.held = [];
    /** @type {{ w: number, h: number, texture: WebGLTexture|null, frame: WebGLFramebuffer|null }} */
    this.target = { w: 0, h: 0, texture: null, frame: null };
  }

  /**
   * The picture of n particles, or null where the card is lost.
   * @param {number} w @param {number} h @param {number} n @param {Cloud} cloud @param {Way} way
   * @param {number} thick  the density, over its mean, that hides all but 1/e of what is behind
   * @returns {HTMLCanvasElement|null}
   */
  draw(w, h, n, cloud, way, thick) {
    const { gl, canvas } = this;
    const dim = way.rows[0].length;
    const adds = this.#step(place(dim, way.shade?.glsl ?? ''), ADD);
    const colours = this.#step(CORNERS, COLOUR);
    if (!adds || !colours) return null;
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    this.#aim(w, h);
    gl.viewport(0, 0, w, h);

    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target.frame);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE);
    gl.useProgram(adds.program);
    for (const [name, numbers] of /** @type {const} */ ([['now', cloud.now], ['then', cloud.then]])) {
      const place = gl.getAttribLocation(adds.program, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer(numbers));
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, dim, gl.FLOAT, false, 0, 0);
    }
    gl.uniform2f(adds.at.mix2, cloud.p, cloud.q);
    const rows = /** @type {const} */ ([['across', way.rows[0]], ['up', way.rows[1]]]);
    for (const [name, row] of rows) gl[dim === 2 ? 'uniform2fv' : 'uniform3fv'](adds.at[name], row);
    gl.uniform2f(adds.at.size, w, h);
    gl.drawArrays(gl.POINTS, 0, n);

    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.disable(gl.BLEND);
    gl.useProgram(colours.program);
    gl.bindTexture(gl.TEXTURE_2D, this.target.texture);
    gl.uniform1f(colours.at.mean, n / (w * h));
    gl.uniform1f(colours.at.thick, thick);
    gl.uniform1f(colours.at.fade, way.fade ?? 1);
    for (const [name, color] of /** @type {const} */ ([['from', way.colors[0]], ['to', way.colors[1]]])) {
      gl.uniform3fv(colours.at[name], color.map((c) => c / 255));
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    return gl.isContextLost() ? null : canvas;
  }

  /** A program, made when it is first needed; null where the card refuses it. @param {string} vertex @param {string} fragment */
  #step(vertex, fragment) {
    const { gl } = this;
    const known = this.steps.get(vertex);
    if (known) return known;
    const program = gl.createProgram();
    for (const [kind, source] of /** @type {const} */ ([[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]])) {
      const shader = gl.createShader(kind);
      if (!shader) return null;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      this.broken = !gl.isContextLost(); // it will not link the next time either
      return null;
    }
    /** @type {Step['at']} */
    const at = {};
    for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
      const name = gl.getActiveUniform(program, i)?.name ?? '';
      at[name] = gl.getUniformLocation(program, name);
    }
    const step = { program, at };
    this.steps.set(vertex, step);
    return step;
  }

  /** Where the particles are added up. @param {number} w @param {number} h */
  #aim(w, h) {
    const { gl, target } = this;
    if (target.w === w && target.h === h) return;
    gl.deleteTexture(target.texture);
    gl.deleteFramebuffer(target.frame);
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
    gl.texStorage2D(gl.TEXTURE_2D, 1, this.format, w, h);
    const frame = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    this.target = { w, h, texture, frame };
  }

  /** The numbers of a frame on the card, which do not change. @param {Float32Array} numbers  a view of all frames of a run */
  #buffer(numbers) {
    const { gl, held } = this;
    const name = `${nameOf(numbers.buffer)} ${numbers.byteOffset} ${numbers.length}`;
    const known = held.findIndex((own) => own.name === name);
    const [own] = known >= 0 ? held.splice(known, 1) : held.length < HELD ? [{ name: '', buffer: gl.createBuffer() }] : held.splice(0, 1);
    held.push(own);
    gl.bindBuffer(gl.ARRAY_BUFFER, own.buffer);
    if (own.name !== name) gl.bufferData(gl.ARRAY_BUFFER, numbers, gl.DYNAMIC_DRAW);
    own.name = name;
    return own.buffer;
  }
}

/** Whether a program takes the place of a card: not every browser says so by itself. @param {WebGL2RenderingContext} gl */
function isProgram(gl) {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

/** Names of what holds the frames of a run, which is not kept here. @type {WeakMap<ArrayBufferLike, number>} */
const names = new WeakMap();
let last = 0;

/** @param {ArrayBufferLike} buffer */
function nameOf(buffer) {
  const known = names.get(buffer) ?? ++last;
  names.set(buffer, known);
  return known;
}
