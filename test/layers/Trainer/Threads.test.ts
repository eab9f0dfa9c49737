import { make } from "../../../layers/Trainer/Threads.ts";
import { trainerContract } from "../../contracts/Trainer.ts";

trainerContract("worker threads", () => make(2));
