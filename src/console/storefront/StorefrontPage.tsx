/** StorefrontPage: What a shopper sees, and why. */
import { PageHead } from "../kit/PageHead.tsx";

export const Page = () => <PageHead title="Storefront" about="What a shopper sees, and why." />;
