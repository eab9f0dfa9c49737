/** Four-lane helpers shared by the kernels. Addresses and strides are in bytes. */

/** a · b + c, lane by lane. */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The four sums [Σa, Σb, Σc, Σd]. */
@inline
export function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** The inner products of the vector at `x` with the four rows at `row0` … `row3`. */
@inline
export function fourDots(row0: usize, row1: usize, row2: usize, row3: usize, x: usize, stride: usize): v128 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (let o: usize = 0; o < stride; o += 16) {
    const value = v128.load(x + o);
    s0 = multiplyAdd(v128.load(row0 + o), value, s0);
    s1 = multiplyAdd(v128.load(row1 + o), value, s1);
    s2 = multiplyAdd(v128.load(row2 + o), value, s2);
    s3 = multiplyAdd(v128.load(row3 + o), value, s3);
  }
  return sums(s0, s1, s2, s3);
}
