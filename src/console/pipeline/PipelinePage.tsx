/** PipelinePage: One request through its stages. */
import { PageHead } from "../kit/PageHead.tsx";

export const Page = () => <PageHead title="Pipeline" about="One request through its stages." />;
