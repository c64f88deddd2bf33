// Loggia's Node.js runtime: loads a handler and answers invocations over blocking unix sockets.
//
// What always holds: one invocation at a time, and the next is taken from the mailbox only when the last was answered; the frames are
// those of `frame.rs`; between invocations the process blocks in read(2), so that user timers stand still as they do in a frozen Lambda
// environment; the sockets are plain descriptors and no libuv handles, so "the event loop is empty" means that user code has nothing
// left to do; log frames share the socket with the result, so a line logged before the answer arrives before it.
// Semantics and texts follow what AWS documents for Node.js handlers. Rules of Node.js 24 and later (no callbacks, returned values
// of plain functions count) are chosen by AWS_EXECUTION_ENV, not by the interpreter that happens to run.
'use strict';

const fs = require('fs');
const path = require('path');
const util = require('util');
const { createRequire } = require('module');
const { pathToFileURL } = require('url');

// ---- Frames (see frame.rs) ----

const HEADER_LEN = 8;
const INVOKE_FIXED_LEN = 40;
const INIT = 0x01;
const INVOKE = 0x02;
const ON_STREAM = 0x03;
const READY = 0x11;
const INIT_ERROR = 0x12;
const RESULT = 0x13;
const ERROR = 0x14;
const LOG = 0x15;
const FLAG_BODY_TEXT = 1;
const FLAG_BODY_BINARY = 2;
const FLAG_SPLIT = 4;
const FLAG_RESULT_SPLIT = 1;
const FLAG_ERROR_LAST = 1;
const FLAG_ERROR_BETWEEN = 2;
// AWS Lambda quotas: 6 MB for a synchronous response, 6291556 bytes as its error text has it.
const RESPONSE_BYTES_MAX = 6291556;
const LOG_MESSAGE_BYTES_MAX = 256 * 1024;
// Larger than any message of the mailbox.
const BUFFER_LEN = 64 * 1024;

const fd = Number(process.env.LOGGIA_FD);
delete process.env.LOGGIA_FD;

let received = Buffer.allocUnsafeSlow(BUFFER_LEN);
let held = 0;
const sendBuffer = Buffer.allocUnsafeSlow(BUFFER_LEN);
const logBuffer = Buffer.allocUnsafeSlow(BUFFER_LEN);
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Blocks until a whole frame stands at the front of `received`; returns its length. Throws EINTR for a signal. */
function readFrame() {
  for (;;) {
    if (held >= 4) {
      const len = received.readUInt32LE(0);
      if (held >= len) return len;
      if (len > received.length) {
        const larger = Buffer.allocUnsafeSlow(len);
        received.copy(larger, 0, 0, held);
        received = larger;
      }
    }
    let n;
    try {
      n = fs.readSync(fd, received, held, received.length - held, null);
    } catch (err) {
      if (err.code !== 'EAGAIN') throw err;
      Atomics.wait(pause, 0, 0, 1);
      continue;
    }
    if (n === 0) process.exit(0); // The server is gone, or has done with this environment.
    held += n;
  }
}

/** The mailbox has said that the next invocation comes on the stream. */
let isOnStream = false;

/** Blocks until the next invocation is at the front of `received`; returns its length. Throws EINTR for a signal. */
function readInvoke() {
  if (mailbox >= 0 && !isOnStream) {
    // A message is a frame. The one after it stays where it is, so that the server can still give it to somebody else.
    const n = fs.readSync(mailbox, received, 0, BUFFER_LEN, null);
    if (n === 0) process.exit(0);
    if (received[4] !== ON_STREAM) {
      held = n;
      return n;
    }
    isOnStream = true;
  }
  const len = readFrame();
  isOnStream = false;
  return len;
}

function consumeFrame(len) {
  if (held === len) {
    held = 0;
    if (received.length > BUFFER_LEN) received = Buffer.allocUnsafeSlow(BUFFER_LEN);
  } else {
    received.copy(received, 0, len, held);
    held -= len;
  }
}

function writeAll(buffer, end) {
  let at = 0;
  while (at < end) {
    try {
      at += fs.writeSync(fd, buffer, at, end - at, null);
    } catch (err) {
      if (err.code === 'EPIPE' || err.code === 'ECONNRESET') process.exit(0);
      if (err.code === 'EAGAIN') Atomics.wait(pause, 0, 0, 1);
      else if (err.code !== 'EINTR') throw err;
    }
  }
}

function header(buffer, len, kind, flags) {
  buffer.writeUInt32LE(len, 0);
  buffer[4] = kind;
  buffer[5] = flags;
  buffer[6] = 0;
  buffer[7] = 0;
}

function sendJson(kind, value, flags = 0) {
  const json = Buffer.from(JSON.stringify(value));
  const frame = Buffer.allocUnsafe(HEADER_LEN + json.length);
  header(frame, frame.length, kind, flags);
  json.copy(frame, HEADER_LEN);
  writeAll(frame, frame.length);
}

function readInit() {
  const len = readFrame();
  if (received[4] !== INIT) throw new Error(`unexpected frame kind ${received[4]}`);
  const init = JSON.parse(received.toString('utf8', HEADER_LEN, len));
  consumeFrame(len);
  return init;
}

// Before anything looks at the environment: the frame may bring variables of its own.
const init = readInit();
Object.assign(process.env, init.env);
const mailbox = init.mailbox === undefined ? -1 : init.mailbox;

// ---- Errors ----

function errorClass(name) {
  const made = class extends Error {};
  made.prototype.name = `Runtime.${name}`;
  return made;
}
const ImportModuleError = errorClass('ImportModuleError');
const HandlerNotFound = errorClass('HandlerNotFound');
const MalformedHandlerName = errorClass('MalformedHandlerName');
const UserCodeSyntaxError = errorClass('UserCodeSyntaxError');
const CallbackHandlerDeprecated = errorClass('CallbackHandlerDeprecated');
const JSONStringifyError = errorClass('JSONStringifyError');
const NodeJsExit = errorClass('NodeJsExit');
const UnhandledPromiseRejection = errorClass('UnhandledPromiseRejection');
const MalformedStreamingHandler = errorClass('MalformedStreamingHandler');

function looksLikeError(value) {
  return Boolean(
    value &&
      typeof value.name === 'string' && value.name &&
      typeof value.message === 'string' && value.message &&
      typeof value.stack === 'string' && value.stack,
  );
}

/** The error payload a caller of Invoke sees. */
function errorPayload(error) {
  try {
    if (util.types.isNativeError(error) || looksLikeError(error)) {
      return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch (_) {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    };
  }
}

function asError(value) {
  return value instanceof Error ? value : new Error(value);
}

/** `error` as one line of JSON for the log, its non-enumerable members included. */
function errorForLog(error) {
  try {
    return JSON.stringify(error, (_key, value) => {
      if (!(value instanceof Error)) return value;
      const shown = { errorType: value.name, errorMessage: value.message, code: value.code, ...value };
      if (typeof value.stack === 'string') shown.stack = value.stack.split('\n');
      return shown;
    });
  } catch (_) {
    return JSON.stringify(errorPayload(error));
  }
}

// ---- Logging ----

const LEVELS = { TRACE: 1, DEBUG: 2, INFO: 3, WARN: 4, ERROR: 5, FATAL: 6 };
const jsonLogs = (process.env.AWS_LAMBDA_LOG_FORMAT || '').toUpperCase() === 'JSON';
const lowestLevel = LEVELS[(process.env.AWS_LAMBDA_LOG_LEVEL || '').toUpperCase()] || LEVELS.TRACE;
const REQUEST_ID = Symbol.for('aws.lambda.runtime.requestId');

function sendLog(level, timeMs, message) {
  if (message.length * 3 + 16 <= BUFFER_LEN) {
    const n = logBuffer.write(message, 16, 'utf8');
    logFrame(logBuffer, n, level, timeMs);
    return;
  }
  // A message over CloudWatch's limit of an event becomes several events.
  const bytes = Buffer.from(message);
  for (let at = 0; at < bytes.length; at += LOG_MESSAGE_BYTES_MAX) {
    const part = bytes.subarray(at, at + LOG_MESSAGE_BYTES_MAX);
    const frame = Buffer.allocUnsafe(16 + part.length);
    part.copy(frame, 16);
    logFrame(frame, part.length, level, timeMs);
  }
}

function logFrame(buffer, messageLen, level, timeMs) {
  header(buffer, 16 + messageLen, LOG, level);
  buffer.writeUInt32LE(timeMs % 4294967296, 8);
  buffer.writeUInt32LE(Math.floor(timeMs / 4294967296), 12);
  writeAll(buffer, 16 + messageLen);
}

function errorName(error) {
  return (error.constructor && error.constructor.name) || 'UnknownError';
}

function jsonLine(name, timeMs, params) {
  const line = { timestamp: new Date(timeMs).toISOString(), level: name, requestId: globalThis[REQUEST_ID] };
  if (params.length === 1) {
    line.message = params[0];
    try {
      return JSON.stringify(line, (_key, value) => {
        if (!(value instanceof Error)) return value;
        const stackTrace = typeof value.stack === 'string' ? value.stack.split('\n') : value.stack;
        return { errorType: errorName(value), errorMessage: value.message, stackTrace, ...value };
      });
    } catch (_) {
      line.message = util.format(params[0]);
      return JSON.stringify(line);
    }
  }
  line.message = util.format(...params);
  const error = params.find((param) => param instanceof Error);
  if (error) {
    line.errorType = errorName(error);
    line.errorMessage = error.message;
    line.stackTrace = typeof error.stack === 'string' ? error.stack.split('\n') : [];
  }
  return JSON.stringify(line);
}

function logger(name) {
  const level = LEVELS[name];
  if (level < lowestLevel) return () => {};
  if (jsonLogs) {
    return (...params) => {
      const now = Date.now();
      sendLog(level, now, jsonLine(name, now, params.length === 0 ? [undefined] : params));
    };
  }
  return (message, ...params) => {
    const now = Date.now();
    const text = util.format(message, ...params);
    sendLog(level, now, `${new Date(now).toISOString()}\t${globalThis[REQUEST_ID]}\t${name}\t${text}\n`);
  };
}

console.trace = logger('TRACE');
console.debug = logger('DEBUG');
console.info = logger('INFO');
console.log = console.info;
console.warn = logger('WARN');
console.error = logger('ERROR');
console.fatal = logger('FATAL');

function logError(title, error) {
  if (jsonLogs) console.error(asError(error));
  else console.error(title, `\t${errorForLog(asError(error))}`);
}

// ---- Loading the handler ----

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** Does the nearest package.json above `folder` say `"type": "module"`? */
function isModulePackage(folder) {
  for (;;) {
    if (folder.endsWith('/node_modules')) return false;
    const file = path.join(folder, 'package.json');
    if (fs.existsSync(file)) {
      try {
        const parsed = readJson(file);
        if (parsed) return parsed.type === 'module';
      } catch (err) {
        console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, err);
        return false;
      }
    }
    if (folder === '/') return false;
    folder = path.resolve(folder, '..');
  }
}

/** The module of a handler, tried as file, .js, .mjs, .cjs (and TypeScript's three from Node.js 24 on), then by Node's own search. */
async function loadModule(taskRoot, folder, name, typescript) {
  // The path AWS's runtime has, because it shows in "Require stack:".
  const load = createRequire('/var/runtime/index.mjs');
  const file = path.resolve(taskRoot, folder, name);
  const required = (extension) => (fs.existsSync(file + extension) ? load(file + extension) : undefined);
  const imported = async (extension) =>
    fs.existsSync(file + extension) ? await import(pathToFileURL(file + extension).href) : undefined;

  const bare = required('');
  if (bare) return bare;
  const isModule = isModulePackage(path.dirname(file));
  return (
    (!isModule && required('.js')) ||
    (isModule && (await imported('.js'))) ||
    (await imported('.mjs')) ||
    required('.cjs') ||
    (typescript && !isModule && required('.ts')) ||
    (typescript && isModule && (await imported('.ts'))) ||
    (typescript && (await imported('.mts'))) ||
    (typescript && required('.cts')) ||
    load(load.resolve(name, { paths: [taskRoot, folder] }))
  );
}

async function loadHandler(taskRoot, handlerName, typescript) {
  if (handlerName.includes('..')) {
    throw new MalformedHandlerName(
      `'${handlerName}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const last = path.basename(handlerName);
  const folder = handlerName.substring(0, handlerName.indexOf(last));
  const parts = /^([^.]*)\.(.*)$/.exec(last);
  if (!parts) throw new MalformedHandlerName('Bad handler');
  let loaded;
  try {
    loaded = await loadModule(taskRoot, folder, parts[1], typescript);
  } catch (err) {
    if (err instanceof SyntaxError) {
      const error = new UserCodeSyntaxError(err);
      error.stack = err.stack;
      throw error;
    }
    if (err && err.code === 'MODULE_NOT_FOUND') throw new ImportModuleError(err);
    throw err;
  }
  const found = parts[2].split('.').reduce((value, key) => value && value[key], loaded);
  if (!found) throw new HandlerNotFound(`${handlerName} is undefined or not exported`);
  if (typeof found !== 'function') throw new HandlerNotFound(`${handlerName} is not a function`);
  return found;
}

// ---- Invocations ----

/** Called once the event loop has nothing left: a promise that never settles, or a callback that waits for this. */
let onEmptyLoop = () => {};
/** Called for an exception nobody catches, and for a promise nobody handles. */
let reportFatal = (error) => sendJson(INIT_ERROR, errorPayload(error));
let handler;
let handlerIsAsync;
let callbacksAllowed;

function stringify(value) {
  try {
    return JSON.stringify(value === undefined ? null : value) || 'null';
  } catch (_) {
    if (callbacksAllowed) throw new Error('Unable to stringify response body');
    throw new JSONStringifyError('Unable to stringify response body');
  }
}

/** May `body` leave `value` without changing what JSON would say? Only for plain objects whose members are data. */
function isSplittable(value) {
  if (value === null || typeof value !== 'object' || typeof value.body !== 'string') return false;
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && typeof value.toJSON !== 'function';
}

/** Sends the answer. Throws before anything is sent when `value` has no JSON. */
function sendResult(value, mayBeSplit) {
  let json;
  let body = '';
  let flags = 0;
  if (mayBeSplit && isSplittable(value)) {
    flags = FLAG_RESULT_SPLIT;
    body = value.body;
    const rest = { ...value };
    rest.body = undefined;
    json = stringify(rest);
  } else {
    json = stringify(value);
  }
  if (12 + (json.length + body.length) * 3 <= BUFFER_LEN) {
    const jsonLen = sendBuffer.write(json, 12, 'utf8');
    const bodyLen = body === '' ? 0 : sendBuffer.write(body, 12 + jsonLen, 'utf8');
    header(sendBuffer, 12 + jsonLen + bodyLen, RESULT, flags);
    sendBuffer.writeUInt32LE(jsonLen, HEADER_LEN);
    writeAll(sendBuffer, 12 + jsonLen + bodyLen);
    return;
  }
  const jsonLen = Buffer.byteLength(json);
  const bodyLen = Buffer.byteLength(body);
  if (jsonLen + bodyLen > RESPONSE_BYTES_MAX) {
    sendJson(ERROR, {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${RESPONSE_BYTES_MAX} bytes).`,
    });
    return;
  }
  const frame = Buffer.allocUnsafe(12 + jsonLen + bodyLen);
  header(frame, frame.length, RESULT, flags);
  frame.writeUInt32LE(jsonLen, HEADER_LEN);
  frame.write(json, 12, 'utf8');
  frame.write(body, 12 + jsonLen, 'utf8');
  writeAll(frame, frame.length);
}

function parseOptional(bytes, name) {
  if (bytes === '') return undefined;
  try {
    return JSON.parse(bytes);
  } catch (err) {
    throw new Error(`Cannot parse ${name} as json: ${err.toString()}`);
  }
}

const environment = {
  functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
};

/** One invocation, read from the frame at the front of `received`. */
function readInvocation(len) {
  const deadlineMs = received.readUInt32LE(8) + received.readUInt32LE(12) * 4294967296;
  const eventLen = received.readUInt32LE(16);
  const clientContextLen = received.readUInt32LE(24);
  const identityLen = received.readUInt32LE(28);
  let at = INVOKE_FIXED_LEN;
  const take = (n) => (n === 0 ? '' : received.toString('utf8', at, (at += n)));
  const invocation = {
    flags: received[5],
    deadlineMs,
    requestId: take(received.readUInt16LE(32)),
    traceId: take(received.readUInt16LE(34)),
    arn: take(received.readUInt16LE(36)),
    clientContext: take(clientContextLen),
    identity: take(identityLen),
    event: take(eventLen),
    body: undefined,
  };
  if (invocation.flags & FLAG_BODY_TEXT) invocation.body = received.toString('utf8', at, len);
  else if (invocation.flags & FLAG_BODY_BINARY) invocation.body = received.toString('base64', at, len);
  return invocation;
}

function readEvent(invocation) {
  const event = JSON.parse(invocation.event);
  if (invocation.body !== undefined && event !== null && typeof event === 'object') event.body = invocation.body;
  return event;
}

function addInvocationData(context, invocation) {
  const { deadlineMs } = invocation;
  context.functionVersion = environment.functionVersion;
  context.functionName = environment.functionName;
  context.memoryLimitInMB = environment.memoryLimitInMB;
  context.logGroupName = environment.logGroupName;
  context.logStreamName = environment.logStreamName;
  context.clientContext = parseOptional(invocation.clientContext, 'ClientContext');
  context.identity = parseOptional(invocation.identity, 'CognitoIdentity');
  context.invokedFunctionArn = invocation.arn;
  context.awsRequestId = invocation.requestId;
  context.getRemainingTimeInMillis = () => deadlineMs - Date.now();
  return context;
}

function sendFailure(error) {
  logError('Invoke Error', error);
  sendJson(ERROR, errorPayload(error));
}

/** Node.js 22 and earlier: the first of callback, promise, done, fail, succeed wins; a plain function's returned value is ignored. */
function invokeWithCallbacks(invocation) {
  const mayBeSplit = (invocation.flags & FLAG_SPLIT) !== 0;
  let waitForEmptyLoop = true;
  let isFinished = false;
  const finish = (send, value) => {
    onEmptyLoop = () => {};
    send(value);
    scheduleNext();
  };
  const succeedNow = (value) => finish((it) => sendResult(it, mayBeSplit), value);
  const once = (act) => (first, second) => {
    if (isFinished) return;
    act(first, second);
    isFinished = true;
  };
  const done = (error, value) => {
    if (error !== undefined && error !== null) finish(sendFailure, error);
    else succeedNow(value);
  };
  const context = {
    get callbackWaitsForEmptyEventLoop() {
      return waitForEmptyLoop;
    },
    set callbackWaitsForEmptyEventLoop(value) {
      waitForEmptyLoop = value;
    },
    succeed: once((value) => done(null, value)),
    fail: once((error) => done(error === undefined || error === null ? 'handled' : error)),
    done: once(done),
  };
  const callback = once((error, value) => {
    if (error !== undefined && error !== null) finish(sendFailure, error);
    else if (!waitForEmptyLoop) succeedNow(value);
    else {
      onEmptyLoop = () => {
        onEmptyLoop = () => {};
        setImmediate(() => {
          try {
            succeedNow(value);
          } catch (err) {
            finish(sendFailure, err);
          }
        });
      };
    }
  });
  onEmptyLoop = () => {
    isFinished = true;
    if (handlerIsAsync) finish(sendFailure, neverSettled());
    else succeedNow(null);
  };
  try {
    const event = readEvent(invocation);
    const returned = handler(event, addInvocationData(context, invocation), callback);
    if (returned && typeof returned.then === 'function') {
      returned.then(context.succeed, context.fail).catch(context.fail);
    }
  } catch (err) {
    callback(err);
  }
}

/** Node.js 24 and later: what the handler returns, or what its promise becomes. */
async function invokeWithPromise(invocation) {
  let isFinished = false;
  onEmptyLoop = () => {
    isFinished = true;
    onEmptyLoop = () => {};
    sendFailure(neverSettled());
    scheduleNext();
  };
  try {
    const context = addInvocationData({}, invocation);
    const value = await handler(readEvent(invocation), context);
    if (isFinished) return;
    sendResult(value, (invocation.flags & FLAG_SPLIT) !== 0);
  } catch (err) {
    if (isFinished) return;
    sendFailure(err);
  }
  onEmptyLoop = () => {};
  scheduleNext();
}

function neverSettled() {
  return new NodeJsExit(
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
  );
}

let tracedNow = '';

// The trace id is read through process.env's prototype: the C library keeps every value that an environment variable ever had.
delete process.env._X_AMZN_TRACE_ID;
Object.setPrototypeOf(
  process.env,
  Object.create(Object.prototype, {
    _X_AMZN_TRACE_ID: { get: () => (tracedNow === '' ? undefined : tracedNow), enumerable: true, configurable: true },
  }),
);
/** An invocation is over and none under way: what goes wrong now belongs to none. */
let isBetween = false;

/** Reads on after a turn of the event loop, so that due timers get theirs and a promise nobody handled is noticed. */
function scheduleNext() {
  isBetween = true;
  setImmediate(next);
}

/** Waits for the next invocation and starts it. */
function next() {
  let invocation;
  try {
    const len = readInvoke();
    if (received[4] !== INVOKE) throw new Error(`unexpected frame kind ${received[4]}`);
    invocation = readInvocation(len);
    consumeFrame(len);
  } catch (err) {
    if (err.code === 'EINTR') {
      setImmediate(next); // A signal: let its listener run.
      return;
    }
    throw err;
  }
  isBetween = false;
  globalThis[REQUEST_ID] = invocation.requestId;
  if (invocation.traceId !== tracedNow) {
    tracedNow = invocation.traceId;
  }
  if (callbacksAllowed) invokeWithCallbacks(invocation);
  else invokeWithPromise(invocation);
}

// ---- Start ----

process.on('uncaughtException', (error) => {
  logError('Uncaught Exception', error);
  reportFatal(error);
  process.exit(129);
});
process.on('unhandledRejection', (reason, promise) => {
  const error = new UnhandledPromiseRejection(reason);
  error.reason = reason;
  error.promise = promise;
  logError('Unhandled Promise Rejection', error);
  reportFatal(error);
  process.exit(128);
});
process.on('beforeExit', () => onEmptyLoop());

/** The major version the function asked for; the interpreter's own when it did not say. */
function runtimeMajor() {
  const named = /^AWS_Lambda_nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV || '');
  return Number(named ? named[1] : process.versions.node.split('.')[0]);
}

async function start() {
  const major = runtimeMajor();
  callbacksAllowed = major < 24;
  handler = await loadHandler(init.task_root || process.env.LAMBDA_TASK_ROOT, init.handler, major >= 24);
  if (handler[Symbol.for('aws.lambda.runtime.handler.streaming')]) {
    throw new MalformedStreamingHandler('Response streaming is not supported by this runtime yet.');
  }
  if (!callbacksAllowed && handler.length >= 3) {
    throw new CallbackHandlerDeprecated(
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  }
  handlerIsAsync = Boolean(handler.constructor && handler.constructor.name === 'AsyncFunction');
  reportFatal = (error) => sendJson(ERROR, errorPayload(error), isBetween ? FLAG_ERROR_BETWEEN : FLAG_ERROR_LAST);
  const ready = Buffer.alloc(HEADER_LEN);
  header(ready, HEADER_LEN, READY, 0);
  writeAll(ready, HEADER_LEN);
  setImmediate(next);
}

globalThis.awslambda = {
  streamifyResponse(streaming) {
    streaming[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'response';
    return streaming;
  },
};

start().catch((error) => {
  logError('Uncaught Exception', error);
  reportFatal(error);
  process.exit(129);
});
