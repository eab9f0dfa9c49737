/** Newest: the last events, a sample where there are many. */
import { newest } from "../data/Live.ts";
import { Card } from "../kit/Card.tsx";
import { clock } from "../kit/Format.ts";
import { Table } from "../kit/Table.tsx";
import { hrefOf } from "../shell/Router.ts";
import { nameOf } from "../storefront/Avatar.tsx";

export const Newest = () => (
  <Card title="Newest events" aside={<span class="small soft">twenty a second at most</span>}>
    <div class="s-newest">
      <Table
        caption="Newest events"
        rows={newest.value}
        keyOf={({ offset, partition }) => `${partition} ${offset}`}
        empty="None yet: they show as they come."
        columns={[
          { title: "Time", cell: ({ at }) => <span class="number">{clock(Date.parse(at))}</span> },
          { title: "What", cell: ({ event_type }) => event_type },
          {
            title: "Shopper",
            cell: ({ user_id }) => (
              <a href={hrefOf("storefront", { user: user_id })} title={user_id}>
                {nameOf(user_id)}
              </a>
            ),
          },
          {
            title: "Item",
            cell: ({ item_id, title }) => (
              <a href={hrefOf("items", { id: item_id })} dir="auto">
                {title ?? item_id}
              </a>
            ),
          },
          { title: "Partition: offset", numeric: true, cell: ({ offset, partition }) => `${partition}: ${offset}` },
        ]}
      />
    </div>
  </Card>
);
