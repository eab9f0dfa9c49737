// What to show to a shopper: `node scripts/examples/recommend.mjs USER [K] [TOKEN of post-events.mjs]`.
const base = process.env.SLIPSTREAM_URL ?? "http://127.0.0.1:8000";
const [user, k = "5", after] = process.argv.slice(2);

const question = new URL(`/recommend/${encodeURIComponent(user ?? "newcomer")}`, base);
question.searchParams.set("k", k);
if (after !== undefined) question.searchParams.set("after", after);

const answer = await fetch(question).catch(() => {
  console.error(`nothing answers at ${base}: start it, or set SLIPSTREAM_URL`);
  process.exit(1);
});
const body = await answer.json();
if (!answer.ok) {
  console.error(body.detail, body.errors ?? "");
  process.exit(1);
}
// To be sent with the events that come of it.
console.error(`recommendation ${body.recommendation_id}`);
for (const { metadata, score, source } of body.recommendations) {
  console.log(`${metadata?.article_id}\t${metadata?.prod_name}\t${source}\t${score.toFixed(3)}`);
}
