/**
 * Alternating least squares for implicit feedback, one half-iteration in pieces: every function works on a range of
 * rows, so that any number of threads may share the work without changing a bit of the result.
 *
 * Given the factors Y of the other side, row u of X minimises
 *   Σ_i c_ui (p_ui − x·y_i)² + λ|x|²,  c_ui = 1 + w_ui and p_ui = 1 for observed pairs, else c_ui = 1 and p_ui = 0,
 * which is the linear system (YᵀY + λI + Σ_i w_ui y_i y_iᵀ) x = Σ_i (1 + w_ui) y_i, the sums over observed pairs
 * (Hu, Koren, Volinsky 2008). It is solved by conjugate gradient from the previous x (Takács, Pilászy, Tikk 2011), in
 * coordinates where the part common to all rows is the identity: with YᵀY + λI = L Lᵀ, ỹ = L⁻¹y and z = Lᵀx,
 *   (I + Σ_i w_ui ỹ_i ỹ_iᵀ) z = Σ_i (1 + w_ui) ỹ_i,  x = L⁻ᵀz.
 * So no product with an F × F matrix remains in the loop over rows, and the system is preconditioned: |ỹ_i| ≤ 1.
 *
 * Where rows differ in their penalty λ_u and in the weight of their unobserved pairs (c_ui = b_u b_i + w_ui; one side's b is
 * 1), the part common to all rows is the Gramian alone. With Σ_i b_i y_i y_iᵀ = Q S Qᵀ, ŷ = Qᵀy and z = Qᵀx the system,
 * divided by b_u, is (S + λ_u/b_u I + Σ_i w_ui/b_u ŷ_i ŷ_iᵀ) z = Σ_i (b_i + w_ui/b_u) ŷ_i: its common part is a diagonal,
 * by which it is preconditioned, to the same effect.
 *
 * Matrices are f32, row-major; `stride` is the length of a row in bytes, a multiple of 32, at most 1024. Interactions
 * are CSR: u32 pointers[rows + 1], u32 indices, f32 weights w. Rows of matrices come in groups of 16, zero-padded.
 */
import { fourDots, multiplyAdd, sums } from "./Vector";

/** Rows transformed together. */
const groupRows: i32 = 16;
/** Rows summed in f32 before they are added to an f64 total. */
const gramianRows: i32 = 256;
/** Squared residual below which a row is solved. */
const solved: f32 = 1e-20;

/** Shape of a matrix on the right: what `multiply` may skip. */
const lower: i32 = 0;
const upper: i32 = 1;
const full: i32 = 2;

/** C = A · B for `rows` (a multiple of 4) rows of A and a B that is lower or upper triangular or full, in tiles of 4 × 8. */
function multiply(a: usize, rows: i32, b: usize, shape: i32, c: usize, stride: usize): void {
  for (let row = 0; row < rows; row += 4) {
    for (let j: usize = 0; j < stride; j += 32) {
      const from = shape == lower ? j : 0;
      const to = shape == upper ? j + 32 : stride;
      let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
      let line = b + (from >> 2) * stride + j;
      let a0 = a + from, a1 = a0 + stride, a2 = a1 + stride, a3 = a2 + stride;
      for (let f = from; f < to; f += 4) {
        const left = v128.load(line);
        const right = v128.load(line, 16);
        line += stride;
        const v0 = v128.load32_splat(a0);
        s00 = multiplyAdd(v0, left, s00);
        s01 = multiplyAdd(v0, right, s01);
        const v1 = v128.load32_splat(a1);
        s10 = multiplyAdd(v1, left, s10);
        s11 = multiplyAdd(v1, right, s11);
        const v2 = v128.load32_splat(a2);
        s20 = multiplyAdd(v2, left, s20);
        s21 = multiplyAdd(v2, right, s21);
        const v3 = v128.load32_splat(a3);
        s30 = multiplyAdd(v3, left, s30);
        s31 = multiplyAdd(v3, right, s31);
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
      }
      let target = c + j;
      v128.store(target, s00);
      v128.store(target, s01, 16);
      target += stride;
      v128.store(target, s10);
      v128.store(target, s11, 16);
      target += stride;
      v128.store(target, s20);
      v128.store(target, s21, 16);
      target += stride;
      v128.store(target, s30);
      v128.store(target, s31, 16);
    }
    a += 4 * stride;
    c += 4 * stride;
  }
}

/** Rows `begin` … `end` of Ỹ = Y · B, B upper triangular (L⁻ᵀ). `begin` and `end` are multiples of 16. */
export function whiten(source: usize, target: usize, begin: i32, end: i32, matrix: usize, stride: usize): void {
  const offset = <usize>begin * stride;
  multiply(source + offset, end - begin, matrix, upper, target + offset, stride);
}

/** The same for any square B; `target` is another matrix than `source`. */
export function transform(source: usize, target: usize, begin: i32, end: i32, matrix: usize, stride: usize): void {
  const offset = <usize>begin * stride;
  multiply(source + offset, end - begin, matrix, full, target + offset, stride);
}

/**
 * Adds Σ y yᵀ over rows `begin` … `end` to the f64 matrix at `total`, blocks of 256 rows summed in f32 first. Only the
 * tiles that touch the upper triangle are written.
 */
export function gramian(source: usize, begin: i32, end: i32, total: usize, stride: usize): void {
  addOuterProducts(source, 0, false, begin, end, total, stride);
}

/** The same of Σ b y yᵀ, f32 b by row at `rowWeights`. */
export function weightedGramian(
  source: usize, rowWeights: usize, begin: i32, end: i32, total: usize, stride: usize,
): void {
  addOuterProducts(source, rowWeights, true, begin, end, total, stride);
}

@inline
function addOuterProducts(
  source: usize, rowWeights: usize, weighted: bool, begin: i32, end: i32, total: usize, stride: usize,
): void {
  for (let block = begin; block < end; block += gramianRows) {
    const first = source + <usize>block * stride;
    const last = source + <usize>min(block + gramianRows, end) * stride;
    for (let i: usize = 0; i < stride; i += 16) {
      for (let j: usize = i & ~31; j < stride; j += 32) {
        let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
        let weight = rowWeights + (<usize>block << 2);
        for (let y = first; y < last; y += stride) {
          let left = v128.load(y + j);
          let right = v128.load(y + j, 16);
          if (weighted) {
            const b = v128.load32_splat(weight);
            left = f32x4.mul(left, b);
            right = f32x4.mul(right, b);
            weight += 4;
          }
          const v0 = v128.load32_splat(y + i);
          s00 = multiplyAdd(v0, left, s00);
          s01 = multiplyAdd(v0, right, s01);
          const v1 = v128.load32_splat(y + i, 4);
          s10 = multiplyAdd(v1, left, s10);
          s11 = multiplyAdd(v1, right, s11);
          const v2 = v128.load32_splat(y + i, 8);
          s20 = multiplyAdd(v2, left, s20);
          s21 = multiplyAdd(v2, right, s21);
          const v3 = v128.load32_splat(y + i, 12);
          s30 = multiplyAdd(v3, left, s30);
          s31 = multiplyAdd(v3, right, s31);
        }
        let at = total + (i >> 1) * stride + (j << 1);
        addWide(at, s00, s01);
        at += stride << 1;
        addWide(at, s10, s11);
        at += stride << 1;
        addWide(at, s20, s21);
        at += stride << 1;
        addWide(at, s30, s31);
      }
    }
  }
}

/** Adds eight f32 to eight f64. */
@inline
function addWide(at: usize, left: v128, right: v128): void {
  addTwo(at, left);
  addTwo(at + 16, v128.shuffle<f32>(left, left, 2, 3, 2, 3));
  addTwo(at + 32, right);
  addTwo(at + 48, v128.shuffle<f32>(right, right, 2, 3, 2, 3));
}

@inline
function addTwo(at: usize, two: v128): void {
  v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(two)));
}

/** out += t₀ row₀ + … + t₃ row₃. */
@inline
function addRows(row0: usize, row1: usize, row2: usize, row3: usize, t: v128, out: usize, stride: usize): void {
  const t0 = v128.shuffle<f32>(t, t, 0, 0, 0, 0), t1 = v128.shuffle<f32>(t, t, 1, 1, 1, 1);
  const t2 = v128.shuffle<f32>(t, t, 2, 2, 2, 2), t3 = v128.shuffle<f32>(t, t, 3, 3, 3, 3);
  for (let o: usize = 0; o < stride; o += 16) {
    let sum = multiplyAdd(v128.load(row0 + o), t0, v128.load(out + o));
    let other = f32x4.mul(v128.load(row2 + o), t2);
    sum = multiplyAdd(v128.load(row1 + o), t1, sum);
    other = multiplyAdd(v128.load(row3 + o), t3, other);
    v128.store(out + o, f32x4.add(sum, other));
  }
}

/**
 * Reads a word of each cache line of up to 16 rows, so that they arrive while the 16 before them are worked on. Their
 * sum goes to `sink`, or the loads would be optimised away.
 */
@inline
function touch(y: usize, indices: usize, from: i32, to: i32, sink: usize, stride: usize): void {
  let sum = 0;
  for (let k = from; k < to; ++k) {
    const row = y + <usize>load<u32>(indices + (<usize>k << 2)) * stride;
    for (let o: usize = 0; o < stride; o += 64) sum += load<i32>(row + o);
  }
  store<i32>(sink, sum);
}

/** b of the next four interactions, of which `left` ≥ 1 are there. */
@inline
function basesOf(bases: usize, index: usize, left: i32): v128 {
  return f32x4(
    load<f32>(bases + (<usize>load<u32>(index) << 2)),
    left > 1 ? load<f32>(bases + (<usize>load<u32>(index, 4) << 2)) : 0,
    left > 2 ? load<f32>(bases + (<usize>load<u32>(index, 8) << 2)) : 0,
    left > 3 ? load<f32>(bases + (<usize>load<u32>(index, 12) << 2)) : 0,
  );
}

/**
 * A pass over the n interactions of one row, read where they lie: out += Σ t_i ỹ_i with
 *   t_i = (b_i + w_i) − w_i ỹ_i·x in the first pass (the residual, when out = −x before),
 *   t_i = w_i ỹ_i·x in later passes (the product, when out = x before).
 * b is 1.
 * With `pack` the rows are copied there, and the weights to `packWeights`, zero-padded to a multiple of four.
 * `sink` ≠ 0 asks for rows to be touched ahead.
 */
function gatherPass(
  y: usize, indices: usize, weights: usize, n: i32, x: usize, out: usize,
  first: bool, pack: usize, packWeights: usize, sink: usize, stride: usize,
): void {
  gather(y, indices, weights, 0, n, x, out, first, pack, packWeights, sink, stride);
}

/** A first pass, rows having b at `bases`. */
function weightedFirstPass(
  y: usize, indices: usize, weights: usize, bases: usize, n: i32, x: usize, out: usize,
  pack: usize, packWeights: usize, sink: usize, stride: usize,
): void {
  gather(y, indices, weights, bases, n, x, out, true, pack, packWeights, sink, stride);
}

@inline
function gather(
  y: usize, indices: usize, weights: usize, bases: usize, n: i32, x: usize, out: usize,
  first: bool, pack: usize, packWeights: usize, sink: usize, stride: usize,
): void {
  const one = f32x4.splat(1);
  if (sink) touch(y, indices, 0, min(n, groupRows), sink, stride);
  for (let k = 0; k < n; k += 4) {
    if (sink && (k & (groupRows - 1)) == 0 && k + groupRows < n) {
      touch(y, indices, k + groupRows, min(n, k + 2 * groupRows), sink, stride);
    }
    const left = n - k;
    const index = indices + (<usize>k << 2);
    const weight = weights + (<usize>k << 2);
    let row0 = y + <usize>load<u32>(index) * stride, row1 = row0, row2 = row0, row3 = row0;
    let w: v128;
    let live = one;
    if (left >= 4) {
      row1 = y + <usize>load<u32>(index, 4) * stride;
      row2 = y + <usize>load<u32>(index, 8) * stride;
      row3 = y + <usize>load<u32>(index, 12) * stride;
      w = v128.load(weight);
    } else {
      if (left > 1) row1 = y + <usize>load<u32>(index, 4) * stride;
      if (left > 2) row2 = y + <usize>load<u32>(index, 8) * stride;
      w = f32x4(load<f32>(weight), left > 1 ? load<f32>(weight, 4) : 0, left > 2 ? load<f32>(weight, 8) : 0, 0);
      live = f32x4(1, left > 1 ? 1 : 0, left > 2 ? 1 : 0, 0);
    }
    if (bases) live = f32x4.mul(live, basesOf(bases, index, left));
    let dots: v128;
    if (pack) {
      const pack1 = pack + stride, pack2 = pack1 + stride, pack3 = pack2 + stride;
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (let o: usize = 0; o < stride; o += 16) {
        const value = v128.load(x + o);
        const v0 = v128.load(row0 + o), v1 = v128.load(row1 + o), v2 = v128.load(row2 + o), v3 = v128.load(row3 + o);
        s0 = multiplyAdd(v0, value, s0);
        s1 = multiplyAdd(v1, value, s1);
        s2 = multiplyAdd(v2, value, s2);
        s3 = multiplyAdd(v3, value, s3);
        v128.store(pack + o, v0);
        v128.store(pack1 + o, v1);
        v128.store(pack2 + o, v2);
        v128.store(pack3 + o, v3);
      }
      dots = sums(s0, s1, s2, s3);
      v128.store(packWeights, w);
      packWeights += 16;
      row0 = pack;
      row1 = pack1;
      row2 = pack2;
      row3 = pack3;
      pack += 4 * stride;
    } else {
      dots = fourDots(row0, row1, row2, row3, x, stride);
    }
    const pull = f32x4.mul(w, dots);
    addRows(row0, row1, row2, row3, first ? f32x4.sub(f32x4.add(live, w), pull) : pull, out, stride);
  }
}

/** A later pass over packed rows: out += Σ w_i (ỹ_i·x) ỹ_i. Called, it would cost `solve` a twentieth of its time. */
@inline
function packedPass(pack: usize, packWeights: usize, n: i32, x: usize, out: usize, stride: usize): void {
  let row = pack;
  for (let k = 0; k < n; k += 4) {
    const row1 = row + stride, row2 = row1 + stride, row3 = row2 + stride;
    const t = f32x4.mul(v128.load(packWeights), fourDots(row, row1, row2, row3, x, stride));
    addRows(row, row1, row2, row3, t, out, stride);
    row = row3 + stride;
    packWeights += 16;
  }
}

function dot(a: usize, b: usize, stride: usize): f32 {
  let even = f32x4.splat(0), odd = even;
  for (let o: usize = 0; o < stride; o += 32) {
    even = multiplyAdd(v128.load(a + o), v128.load(b + o), even);
    odd = multiplyAdd(v128.load(a + o, 16), v128.load(b + o, 16), odd);
  }
  const sum = f32x4.add(even, odd);
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
}

/** y += scale · x. */
function addScaled(y: usize, scale: f32, x: usize, stride: usize): void {
  const factor = f32x4.splat(scale);
  for (let o: usize = 0; o < stride; o += 16) v128.store(y + o, multiplyAdd(v128.load(x + o), factor, v128.load(y + o)));
}

/** y = x + scale · y. */
function scaleAdd(y: usize, scale: f32, x: usize, stride: usize): void {
  const factor = f32x4.splat(scale);
  for (let o: usize = 0; o < stride; o += 16) v128.store(y + o, multiplyAdd(v128.load(y + o), factor, v128.load(x + o)));
}

function negated(y: usize, x: usize, stride: usize): void {
  for (let o: usize = 0; o < stride; o += 16) v128.store(y + o, f32x4.neg(v128.load(x + o)));
}

/**
 * Improves rows `begin` … `end` of X by `steps` steps of conjugate gradient; rows without interactions become zero.
 * `begin` and `end` are multiples of 16 (the last end rounded up; pointers[] repeats its last value over the padding).
 * whitened: Ỹ. factor: L, inverse: L⁻¹, both lower triangular. Rows of at most `packRows` interactions are gathered
 * once into scratch, longer ones read in place in each pass. `ahead`: Ỹ does not fit in cache.
 * `scratch` belongs to this thread and holds 64 + (packRows + 4) · 4 + (packRows + 4 + 5 + 16) · stride bytes.
 */
export function solve(
  begin: i32, end: i32, pointers: usize, indices: usize, weights: usize,
  x: usize, whitened: usize, factor: usize, inverse: usize,
  scratch: usize, packRows: i32, steps: i32, ahead: bool, stride: usize,
): void {
  const sink = ahead ? scratch : 0;
  const residual = scratch + 64;
  const direction = residual + stride;
  const product = direction + stride;
  const group = product + stride;
  const packWeights = group + <usize>groupRows * stride;
  const pack = packWeights + (<usize>packRows + 4) * 4;
  for (let start = begin; start < end; start += groupRows) {
    const rows = x + <usize>start * stride;
    multiply(rows, groupRows, factor, lower, group, stride);
    for (let r = 0; r < groupRows; ++r) {
      const z = group + <usize>r * stride;
      const pointer = pointers + (<usize>(start + r) << 2);
      const from = load<u32>(pointer);
      const n = <i32>(load<u32>(pointer, 4) - from);
      if (n == 0) {
        memory.fill(z, 0, stride);
        continue;
      }
      const ownIndices = indices + (<usize>from << 2);
      const ownWeights = weights + (<usize>from << 2);
      const packed = n <= packRows;
      negated(residual, z, stride);
      gatherPass(whitened, ownIndices, ownWeights, n, z, residual, true, packed ? pack : 0, packWeights, sink, stride);
      memory.copy(direction, residual, stride);
      let size = dot(residual, residual, stride);
      for (let step = 0; size > solved; ) {
        memory.copy(product, direction, stride);
        if (packed) packedPass(pack, packWeights, n, direction, product, stride);
        else gatherPass(whitened, ownIndices, ownWeights, n, direction, product, false, 0, 0, sink, stride);
        const length = size / dot(direction, product, stride);
        addScaled(z, length, direction, stride);
        if (++step == steps) break;
        addScaled(residual, -length, product, stride);
        const next = dot(residual, residual, stride);
        scaleAdd(direction, next / size, residual, stride);
        size = next;
      }
    }
    multiply(group, groupRows, inverse, lower, rows, stride);
  }
}

/** y = d x, lane by lane. */
function scaledBy(y: usize, d: usize, x: usize, stride: usize): void {
  for (let o: usize = 0; o < stride; o += 16) v128.store(y + o, f32x4.mul(v128.load(d + o), v128.load(x + o)));
}

/** y = x / d, lane by lane. */
function dividedBy(y: usize, x: usize, d: usize, stride: usize): void {
  for (let o: usize = 0; o < stride; o += 16) v128.store(y + o, f32x4.div(v128.load(x + o), v128.load(d + o)));
}

/**
 * The same as `solve` for rows of different penalties. rotated: Ŷ = Y Q. vectors: Q, transposed: Qᵀ, values: S. `penalties`
 * has λ and `ownBases` b by row of X, `bases` b by row of Y; `weights` are divided by the row's b.
 */
export function solveRotated(
  begin: i32, end: i32, pointers: usize, indices: usize, weights: usize,
  x: usize, rotated: usize, vectors: usize, transposed: usize, values: usize,
  penalties: usize, ownBases: usize, bases: usize,
  scratch: usize, packRows: i32, steps: i32, ahead: bool, stride: usize,
): void {
  const sink = ahead ? scratch : 0;
  const residual = scratch + 64;
  const direction = residual + stride;
  const product = direction + stride;
  const diagonal = product + stride;
  const conditioned = diagonal + stride;
  const group = conditioned + stride;
  const packWeights = group + <usize>groupRows * stride;
  const pack = packWeights + (<usize>packRows + 4) * 4;
  for (let start = begin; start < end; start += groupRows) {
    const rows = x + <usize>start * stride;
    multiply(rows, groupRows, vectors, full, group, stride);
    for (let r = 0; r < groupRows; ++r) {
      const z = group + <usize>r * stride;
      const row = <usize>(start + r) << 2;
      const from = load<u32>(pointers + row);
      const n = <i32>(load<u32>(pointers + row, 4) - from);
      if (n == 0) {
        memory.fill(z, 0, stride);
        continue;
      }
      const penalty = f32x4.splat(load<f32>(penalties + row) / load<f32>(ownBases + row));
      for (let o: usize = 0; o < stride; o += 16) v128.store(diagonal + o, f32x4.add(v128.load(values + o), penalty));
      const ownIndices = indices + (<usize>from << 2);
      const ownWeights = weights + (<usize>from << 2);
      const packed = n <= packRows;
      scaledBy(direction, diagonal, z, stride);
      negated(residual, direction, stride);
      const packTo = packed ? pack : 0;
      if (bases) {
        weightedFirstPass(rotated, ownIndices, ownWeights, bases, n, z, residual, packTo, packWeights, sink, stride);
      } else {
        gatherPass(rotated, ownIndices, ownWeights, n, z, residual, true, packTo, packWeights, sink, stride);
      }
      dividedBy(conditioned, residual, diagonal, stride);
      memory.copy(direction, conditioned, stride);
      let size = dot(residual, conditioned, stride);
      for (let step = 0; size > solved; ) {
        scaledBy(product, diagonal, direction, stride);
        if (packed) packedPass(pack, packWeights, n, direction, product, stride);
        else gatherPass(rotated, ownIndices, ownWeights, n, direction, product, false, 0, 0, sink, stride);
        const length = size / dot(direction, product, stride);
        addScaled(z, length, direction, stride);
        if (++step == steps) break;
        addScaled(residual, -length, product, stride);
        dividedBy(conditioned, residual, diagonal, stride);
        const next = dot(residual, conditioned, stride);
        scaleAdd(direction, next / size, conditioned, stride);
        size = next;
      }
    }
    multiply(group, groupRows, transposed, full, rows, stride);
  }
}

/** c(1 − s)² − b s² with c = b + w. */
@inline
function observedTerm(weight: usize, k: u32, base: f64, dot: f32): f64 {
  const w = <f64>load<f32>(weight + (<usize>k << 2));
  const s = <f64>dot;
  return base + w + (w * s - 2 * base - 2 * w) * s;
}

@inline
function rowAt(y: usize, indices: usize, k: u32, stride: usize): usize {
  return y + <usize>load<u32>(indices + (<usize>k << 2)) * stride;
}

@inline
function baseAt(bases: usize, indices: usize, k: u32): f64 {
  return bases ? <f64>load<f32>(bases + (<usize>load<u32>(indices + (<usize>k << 2)) << 2)) : 1;
}

/**
 * Σ over the interactions of rows `begin` … `end` of c(1 − s)² − s², s = x·y: what observed pairs add to the loss beyond
 * Σ s² over all pairs.
 */
export function observedLoss(
  begin: i32, end: i32, pointers: usize, indices: usize, weights: usize, x: usize, y: usize, stride: usize,
): f64 {
  return addObserved(begin, end, pointers, indices, weights, 0, x, y, stride);
}

/** The same of c(1 − s)² − b s², beyond Σ b s² over all pairs; `bases` has b by row of Y. */
export function weightedObservedLoss(
  begin: i32, end: i32, pointers: usize, indices: usize, weights: usize, bases: usize, x: usize, y: usize, stride: usize,
): f64 {
  return addObserved(begin, end, pointers, indices, weights, bases, x, y, stride);
}

@inline
function addObserved(
  begin: i32, end: i32, pointers: usize, indices: usize, weights: usize, bases: usize, x: usize, y: usize, stride: usize,
): f64 {
  let total: f64 = 0;
  for (let row = begin; row < end; ++row) {
    const pointer = pointers + (<usize>row << 2);
    const last = load<u32>(pointer, 4);
    const own = x + <usize>row * stride;
    let k = load<u32>(pointer);
    for (; k + 4 <= last; k += 4) {
      const dots = fourDots(
        rowAt(y, indices, k, stride), rowAt(y, indices, k + 1, stride),
        rowAt(y, indices, k + 2, stride), rowAt(y, indices, k + 3, stride), own, stride,
      );
      total += observedTerm(weights, k, baseAt(bases, indices, k), f32x4.extract_lane(dots, 0))
        + observedTerm(weights, k + 1, baseAt(bases, indices, k + 1), f32x4.extract_lane(dots, 1));
      total += observedTerm(weights, k + 2, baseAt(bases, indices, k + 2), f32x4.extract_lane(dots, 2))
        + observedTerm(weights, k + 3, baseAt(bases, indices, k + 3), f32x4.extract_lane(dots, 3));
    }
    for (; k < last; ++k) {
      total += observedTerm(weights, k, baseAt(bases, indices, k), dot(own, rowAt(y, indices, k, stride), stride));
    }
  }
  return total;
}

/** Σ over rows `begin` … `end` of λ_u|x_u|². */
export function penalty(begin: i32, end: i32, x: usize, penalties: usize, stride: usize): f64 {
  let total: f64 = 0;
  for (let row = begin; row < end; ++row) {
    const own = x + <usize>row * stride;
    total += <f64>load<f32>(penalties + (<usize>row << 2)) * <f64>dot(own, own, stride);
  }
  return total;
}
