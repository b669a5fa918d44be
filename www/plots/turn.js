// Pictures in space that can be turned: parallel projection.

/** @typedef {{ yaw: number, pitch: number }} Turn */

/** The axes of the picture in space: to the right, upwards, to the viewer. @param {Turn} turn */
export function basis({ yaw, pitch }) {
  const [c, s, k, l] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  return { right: [-s, c, 0], up: [-l * c, -l * s, k], near: [k * c, k * s, l] };
}
