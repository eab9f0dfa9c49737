import * as BuiltIn from "../../layers/BatchSteps/BuiltIn.ts";
import { batchFollowersContract } from "../contracts/BatchFollowers.ts";
import { batchStepsContract } from "../contracts/BatchSteps.ts";
import { batchSumsContract } from "../contracts/BatchSums.ts";

batchStepsContract("BuiltIn", BuiltIn.layer, 4);
batchSumsContract("BuiltIn", BuiltIn.layer, 4);
batchFollowersContract("BuiltIn", BuiltIn.layer, 30);
