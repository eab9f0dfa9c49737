/** ItemsPage: The shop's items. */
import { PageHead } from "../kit/PageHead.tsx";

export const Page = () => <PageHead title="Items" about="The shop's items." />;
