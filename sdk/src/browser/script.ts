// Entry of `sdk-core.js`: the meter without the bar.

import { install } from "./global.ts";

install();
