// Tells Slipstream what shoppers did: `node scripts/examples/post-events.mjs USER ITEM [TYPE] [RECOMMENDATION of recommend.mjs]`.
const base = process.env.SLIPSTREAM_URL ?? "http://127.0.0.1:8000";
const [user, item, type = "click", recommendation] = process.argv.slice(2);

// With an id of your own a retry counts once; with the answer's id it is told what recommendations sell.
const event = {
  user_id: user,
  item_id: item,
  event_type: type,
  event_id: crypto.randomUUID(),
  ...(recommendation === undefined ? {} : { recommendation_id: recommendation }),
};

const answer = await fetch(`${base}/events`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify([event]),
}).catch(() => {
  console.error(`nothing answers at ${base}: start it, or set SLIPSTREAM_URL`);
  process.exit(1);
});
const body = await answer.json();
if (!answer.ok) {
  console.error(body.detail, body.errors ?? "");
  process.exit(1);
}
// The token lets the next question wait until this event has been learnt from.
console.log(body.token);
