/**
 * Sales: a shop's baskets, day by day.
 *
 * A basket has a mission, one of the customer's interests. Each piece is chosen among a few articles, drawn in
 * proportion to the day's demand, by the customer's style and favourite colours.
 */

import { makeRandom } from "../kernels/Random.ts";
import { makeAlias } from "./Alias.ts";
import { type Assortment, styleLength } from "./Assortment.ts";
import type { Calendar } from "./Calendar.ts";
import { type Clientele, interestWeights } from "./Clientele.ts";
import { departments } from "./Departments.ts";
import { makeShelf } from "./Shelf.ts";

/** Reused by the next call of `next`. */
export interface Basket {
  day: number;
  customer: number;
  /** 1 shop, 2 online. */
  channel: number;
  rows: number;
  readonly articles: Uint32Array;
  /** Paid, in hundredths. */
  readonly prices: Uint32Array;
}

const mostRows = 60;
/** How far the customer's style decides against the article's demand. */
const styleWeight = 1.1;
const colourWeight = 0.9;
/** Articles looked at before one is bought. */
const candidates = 9;
/** Pieces a customer remembers; they are bought again by `odds.again` alone. */
const remembered = 12;
/** Odds of a piece: bought before; of another interest; of any department; another colour of the last piece; twice. */
const odds = { again: 0.03, elsewhere: 0.12, anything: 0.06, variant: 0.05, twice: 0.06 };
const slots = interestWeights.length;

/** The standard Gumbel distribution at 4096 even quantiles: the highest of score + Gumbel is a draw by softmax. */
const gumbel = Float64Array.from({ length: 4096 }, (_, i) => -Math.log(-Math.log((i + 0.5) / 4096)));

export interface Sales {
  /** The next basket, or undefined after the last. */
  readonly next: () => Basket | undefined;
}

export const makeSales = (options: {
  readonly assortment: Assortment;
  readonly clientele: Clientele;
  readonly calendar: Calendar;
  readonly seed: number;
}): Sales => {
  const { assortment, clientele, calendar } = options;
  const { colour, style } = assortment;
  const random = makeRandom(options.seed, "sales");
  const shelf = makeShelf(assortment);
  const shopper = makeAlias(clientele.activity);
  const popular = makeAlias(
    departments.map(({ share }, d) => (assortment.department.some((department) => department === d) ? share : 0)),
  );
  const lastVisit = Int32Array.from(clientele.joins);
  const bought = new Int32Array(clientele.count * remembered).fill(-1);
  const mood = new Float64Array(styleLength);
  const interest = new Float64Array(slots);
  const basket: Basket = {
    day: -1,
    customer: 0,
    channel: 2,
    rows: 0,
    articles: new Uint32Array(mostRows),
    prices: new Uint32Array(mostRows),
  };
  let left = 0;

  const pickCustomer = (day: number): number => {
    for (;;) {
      const customer = shopper.draw(random);
      if (clientele.joins[customer]! <= day && day <= clientele.leaves[customer]!) return customer;
    }
  };

  const pickInterest = (customer: number): number => {
    let sum = 0;
    for (let k = 0; k < slots; k++) {
      sum += interestWeights[k]! * shelf.season[clientele.interests[customer * slots + k]!]!;
      interest[k] = sum;
    }
    const target = random.uniform() * sum;
    let k = 0;
    while (k < slots - 1 && interest[k]! <= target) k++;
    return clientele.interests[customer * slots + k]!;
  };

  const owns = (customer: number, article: number): boolean => {
    for (let k = customer * remembered; k < (customer + 1) * remembered; k++) if (bought[k] === article) return true;
    return false;
  };

  /** mood · style, written out: it is what takes longest of all. */
  const match = (article: number): number => {
    const y = article * styleLength;
    const first = mood[0]! * style[y]! + mood[1]! * style[y + 1]! + mood[2]! * style[y + 2]! + mood[3]! * style[y + 3]!;
    return (
      first + mood[4]! * style[y + 4]! + mood[5]! * style[y + 5]! + mood[6]! * style[y + 6]! + mood[7]! * style[y + 7]!
    );
  };

  const choose = (customer: number, department: number): number => {
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < candidates; c++) {
      const article = shelf.draw(department, random);
      const liked = clientele.likes(customer, colour[article]!) ? colourWeight : 0;
      const score = styleWeight * match(article) + liked + gumbel[random.uint32() >>> 20]!;
      if (score > bestScore && !owns(customer, article)) {
        bestScore = score;
        best = article;
      }
    }
    return best >= 0 ? best : shelf.draw(department, random);
  };

  /** Another colour of the product, or the article itself. */
  const variantOf = (article: number): number => {
    const other = article + (random.chance(0.5) ? 1 : -1);
    return assortment.product[other] === assortment.product[article] ? other : article;
  };

  const paid = (article: number, day: number): number => {
    const price = assortment.price[article]!;
    const faded = (day - assortment.launch[article]!) / assortment.life[article]!;
    const factor = faded > 2 ? 0.5 : faded > 1.2 ? 0.7 : random.chance(0.12) ? 0.9 : 1;
    return Math.round(price * factor);
  };

  const fill = (customer: number, day: number): void => {
    clientele.drift(customer, day - lastVisit[customer]!, random);
    lastVisit[customer] = day;
    for (let k = 0; k < styleLength; k++) {
      mood[k] = clientele.style[customer * styleLength + k]! + 0.6 * random.normal();
    }
    const mission = pickInterest(customer);
    const size = Math.min(left, mostRows, 1 + Math.floor(2.6 * random.exponential()));
    basket.day = day;
    basket.customer = customer;
    basket.channel = random.chance(clientele.online[customer]!) ? 2 : 1;
    basket.rows = 0;
    while (basket.rows < size) {
      const memory = customer * remembered + random.below(remembered);
      const before = bought[memory]!;
      const roll = random.uniform();
      let article: number;
      if (roll < odds.again && before >= 0 && shelf.sells(before)) article = before;
      else if (roll < odds.again + odds.variant && basket.rows > 0) {
        article = variantOf(basket.articles[basket.rows - 1]!);
      } else {
        const where = random.uniform();
        const department =
          where < odds.anything
            ? popular.draw(random)
            : where < odds.anything + odds.elsewhere
              ? pickInterest(customer)
              : mission;
        article = choose(customer, department);
      }
      bought[memory] = article;
      const price = paid(article, day);
      do {
        basket.articles[basket.rows] = article;
        basket.prices[basket.rows] = price;
        basket.rows++;
      } while (basket.rows < size && random.chance(odds.twice));
    }
    left -= basket.rows;
  };

  return {
    next: () => {
      while (left === 0) {
        if (basket.day + 1 >= calendar.days) return undefined;
        basket.day++;
        left = calendar.quota[basket.day]!;
        if (left > 0) shelf.stock(basket.day, calendar.dayOfYear(basket.day));
      }
      fill(pickCustomer(basket.day), basket.day);
      return basket;
    },
  };
};
