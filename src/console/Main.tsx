/** Main: the console, drawn into the page. */
import { render } from "preact";
import "./shell/tokens.css";
import "./shell/base.css";
import { Shell } from "./shell/Shell.tsx";

const place = document.getElementById("console");
if (place !== null) render(<Shell />, place);
