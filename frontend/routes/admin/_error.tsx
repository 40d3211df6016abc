/** @jsxImportSource preact */
import { Failure } from "../../components/Failure.tsx";
import { define } from "../../utils.ts";

export default define.page(({ error }) => <Failure error={error} />);
