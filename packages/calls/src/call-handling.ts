import type { Observable, Subscriber } from 'rxjs';
import type { ActiveCall } from './active-call.ts';
import { Emitter } from './emitter.ts';
import { toError, WSSError } from './errors.ts';
import type { OnHandlerError } from './config-options.ts';
import type { Logger } from './logger.ts';
