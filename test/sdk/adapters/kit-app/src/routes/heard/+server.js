import { json } from "@sveltejs/kit";
import { heard } from "../../hooks.server.js";

export const GET = () => json(heard);
