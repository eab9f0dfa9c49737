/** ModelsPage: Versions of the model. */
import { PageHead } from "../kit/PageHead.tsx";

export const Page = () => <PageHead title="Models" about="Versions of the model." />;
