/**
 * Student's t distribution: what few repetitions need instead of the normal one. The tail is a regularised incomplete beta function,
 * I_x(df / 2, 1 / 2) with x = df / (df + t^2), by its continued fraction (Abramowitz and Stegun, 26.5.8 and 26.7.1).
 */

const TINY = 1e-300;
const PRECISION = 1e-15;
const MOST_TERMS = 500;

/**
 * The chance that |T| exceeds |t|: the two-sided p-value.
 * @param df degrees of freedom, above 0; need not be whole (Welch)
 */
export function studentTail(t: number, df: number): number {
  if (!Number.isFinite(t)) return 0;
  return incompleteBeta(df / (df + t * t), df / 2, 0.5);
}

/** The t that |T| exceeds with chance 1 - `confidence`: 12.706 for 0.95 and one degree of freedom. */
export function studentQuantile(confidence: number, df: number): number {
  let low = 0;
  let high = 1;
  while (studentTail(high, df) > 1 - confidence) high *= 2;
  // Until no double lies between.
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (studentTail(middle, df) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** I_x(a, b), the regularised incomplete beta function. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side of the mean, and the function is symmetric.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  return front * continuedFraction(x, a, b);
}

/** By Lentz's method, from the front. */
function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      change = c * d;
      fraction *= change;
    }
    if (Math.abs(change - 1) < PRECISION) break;
  }
  return fraction;
}

const away = (value: number) => (Math.abs(value) < TINY ? TINY : value);

/** Lanczos' approximation with g = 7 and nine terms, good to 15 digits. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const [first, ...rest] = LANCZOS;
  const sum = rest.reduce((total, coefficient, index) => total + coefficient / (x + index), first);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
