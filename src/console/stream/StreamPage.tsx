/** StreamPage: Events as they arrive. */
import { PageHead } from "../kit/PageHead.tsx";

export const Page = () => <PageHead title="Stream" about="Events as they arrive." />;
