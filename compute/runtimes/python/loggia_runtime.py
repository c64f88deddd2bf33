"""Loggia's Python runtime: loads a handler and answers invocations over blocking unix sockets.

What always holds: one invocation at a time, and the next is taken from the mailbox only when the last was answered; the frames are those
of `frame.rs`; `print` and `logging` go through the same socket as the result, so their order is kept and nothing written before the
answer arrives after it; nothing that costs start-up time
(`json`, `logging`, `traceback`, `decimal`, `socket`) is imported before user code asks for it. Runs on Python 3.8 and later.

Known differences from AWS: a namedtuple is encoded as a list, as the standard `json` does.
"""

import os
import sys
import time
from _json import make_scanner
from _struct import Struct
from _thread import allocate_lock

INIT = 0x01
INVOKE = 0x02
ON_STREAM = 0x03
READY = 0x11
INIT_ERROR = 0x12
RESULT = 0x13
ERROR = 0x14
LOG = 0x15
OUT = 0x16
FLAG_BODY_TEXT = 1
FLAG_BODY_BINARY = 2
FLAG_SPLIT = 4
FLAG_RESULT_SPLIT = 1
# AWS Lambda quotas: 6 MB for a synchronous response, 6291556 bytes as its error text has it.
RESPONSE_BYTES_MAX = 6291556
LOG_MESSAGE_BYTES_MAX = 256 * 1024
BUFFER_LEN = 64 * 1024
MESSAGE_LEN_MAX = 32 * 1024
NO_BREAK_SPACE = "\u00a0"

_LEN = Struct("<I")
_HEADER = Struct("<IBBH")
_INVOKE = Struct("<QIIIIHHHH")
_RESULT = Struct("<IBBHI")
_LOG = Struct("<IBBHQ")


# ---- JSON, without the package `json`, whose imports cost as much as all else together ----


class _Rules:
    """How `json` decodes by default."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {"-Infinity": float("-inf"), "Infinity": float("inf"), "NaN": float("nan")}.__getitem__
    memo = {}


_scan = make_scanner(_Rules)


def _decode(text):
    try:
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    except StopIteration:
        pass
    import json

    return json.JSONDecoder().decode(text)  # White space around it, or the error and its text.


# ---- The sockets ----


class Wire:
    """The sockets: whole frames in, whole frames out, from any thread."""

    def __init__(self, fd):
        self.fd = fd
        self.mailbox = -1
        self.lock = allocate_lock()
        self.buffer = bytearray(BUFFER_LEN)
        self.held = 0
        os.set_inheritable(fd, False)
        os.set_blocking(fd, True)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def _forked(self):
        # A forked child must not speak to the server in this process's name; its output goes to the plain pipes.
        os.close(self.fd)
        if self.mailbox >= 0:
            os.close(self.mailbox)
        self.fd = self.mailbox = -1
        self.lock = allocate_lock()

    def open_mailbox(self, fd):
        self.mailbox = fd
        os.set_inheritable(fd, False)
        os.set_blocking(fd, True)

    def next_frame(self):
        """Blocks until the next invocation is there; returns its frame."""
        if self.mailbox >= 0:
            # A message is a frame. The one after it stays where it is, so that the server can still give it to somebody else.
            frame = os.read(self.mailbox, MESSAGE_LEN_MAX)
            if not frame:
                os._exit(0)
            if frame[4] != ON_STREAM:
                return frame
        length = self.read()
        with memoryview(self.buffer) as view:
            frame = bytes(view[:length])
        self.consume(length)
        return frame

    def read(self):
        """Blocks until a whole frame stands at the front of `buffer`; returns its length."""
        while True:
            if self.held >= 4:
                (length,) = _LEN.unpack_from(self.buffer)
                if self.held >= length:
                    return length
                if length > len(self.buffer):
                    self.buffer = self.buffer[: self.held].ljust(length, b"\0")
            count = os.readv(self.fd, [memoryview(self.buffer)[self.held :]])
            if count == 0:
                os._exit(0)  # The server is gone, or has done with this environment.
            self.held += count

    def consume(self, length):
        if self.held == length:
            self.held = 0
            if len(self.buffer) > BUFFER_LEN:
                self.buffer = bytearray(BUFFER_LEN)
        else:
            rest = self.held - length
            self.buffer[:rest] = self.buffer[length : self.held]
            self.held = rest

    def write(self, parts):
        if self.fd < 0:
            return
        with self.lock:
            try:
                frame = b"".join(parts)
                count = os.write(self.fd, frame)
                if count < len(frame):
                    rest = memoryview(frame)[count:]
                    while rest:
                        rest = rest[os.write(self.fd, rest) :]
            except (BrokenPipeError, ConnectionResetError):
                os._exit(0)

    def send_json(self, kind, value):
        payload = to_json(value).encode("utf-8", "replace")
        self.write([_HEADER.pack(8 + len(payload), kind, 0, 0), payload])

    def send_log(self, level, time_ms, message):
        data = message.encode("utf-8", "replace")
        if self.fd < 0:
            os.write(1, data)
            return
        for at in range(0, len(data) or 1, LOG_MESSAGE_BYTES_MAX):
            part = data[at : at + LOG_MESSAGE_BYTES_MAX]
            self.write([_LOG.pack(16 + len(part), LOG, level, 0, time_ms), part])

    def send_output(self, descriptor, data):
        if self.fd < 0:
            return os.write(descriptor, data)
        data = bytes(data)
        for at in range(0, len(data), LOG_MESSAGE_BYTES_MAX):
            part = data[at : at + LOG_MESSAGE_BYTES_MAX]
            self.write([_HEADER.pack(8 + len(part), OUT, descriptor, 0), part])
        return len(data)


def read_init():
    length = wire.read()
    if wire.buffer[4] != INIT:
        raise RuntimeError("unexpected frame kind %d" % wire.buffer[4])
    values = _decode(bytes(wire.buffer[8:length]).decode("utf-8"))
    wire.consume(length)
    return values


# Before anything looks at the environment: the frame may bring variables of its own.
wire = Wire(int(os.environ.pop("LOGGIA_FD")))
init = read_init()
if "mailbox" in init:
    wire.open_mailbox(init["mailbox"])
os.environ.update(init.get("env") or {})


class Fault(Exception):
    """An error of the runtime's own, with AWS's type and text."""

    def __init__(self, error_type, message, trace=None):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = trace or []


# ---- JSON ----

_decimals = []
_decimal_mark = ""


def _default(value):
    """What `json` cannot encode: a Decimal becomes a number with exactly its digits."""
    global _decimal_mark
    if type(value).__module__ in ("decimal", "_decimal", "_pydecimal") and hasattr(value, "is_nan"):
        if value.is_nan():
            return float("nan")
        if not _decimal_mark:
            _decimal_mark = "decimal-" + os.urandom(16).hex() + "-"
        _decimals.append(str(value))
        return _decimal_mark + str(len(_decimals) - 1)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


# AWS's runtimes for Python 3.12 and later write characters as they are, the earlier ones write escapes.
_named = os.environ.get("AWS_EXECUTION_ENV", "").rpartition("python3.")[2]
_minor = int(_named) if _named.isdigit() else sys.version_info[1]
_is_ascii = _minor < 12
# Objects that are being encoded, by which a circle is noticed.
_open_objects = {}


def _make_encode():
    """What `json.JSONEncoder.encode` does, with its C encoder made once instead of for each value."""
    try:
        from _json import encode_basestring, encode_basestring_ascii, make_encoder

        encode_text = encode_basestring_ascii if _is_ascii else encode_basestring
        make = make_encoder(_open_objects, _default, encode_text, None, ": ", ", ", False, False, True)
        if "".join(make({"a": [1, 2.5, None, True, "\""]}, 0)) == '{"a": [1, 2.5, null, true, "\\""]}':
            return lambda value: "".join(make(value, 0))
    except Exception:
        pass  # Another Python has another encoder.
    import json

    return json.JSONEncoder(ensure_ascii=_is_ascii, default=_default).encode


_encode = _make_encode()


def to_json(value):
    try:
        text = _encode(value)
    except BaseException:
        _open_objects.clear()
        raise
    if _decimals:
        for index, digits in enumerate(_decimals):
            text = text.replace('"%s%d"' % (_decimal_mark, index), digits, 1)
        del _decimals[:]
    return text


# ---- Logging ----

_request_id = ""
_json_logs = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
_LEVELS = ((50, 6), (40, 5), (30, 4), (20, 3), (10, 2), (1, 1))
# What a record always has; the rest came through `extra=`.
_RECORD_FIELDS = frozenset(
    "name msg args levelname levelno pathname filename module exc_info exc_text stack_info lineno funcName created msecs "
    "relativeCreated thread threadName processName process taskName aws_request_id".split()
)


def configure_logging(logging):
    """Gives the root logger the handler AWS's runtime gives it."""

    class LambdaLoggerFilter(logging.Filter):
        def filter(self, record):
            record.aws_request_id = _request_id
            return True

    class LambdaLoggerHandler(logging.Handler):
        def emit(self, record):
            try:
                message = self.format(record)
                level = next((ours for theirs, ours in _LEVELS if record.levelno >= theirs), 0)
                wire.send_log(level, int(record.created * 1000), message)
            except Exception:
                self.handleError(record)

    class JsonFormatter(logging.Formatter):
        def format(self, record):
            error = record.exc_info
            line = {
                "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
                "level": logging.getLevelName(min(50, max(0, record.levelno)) // 10 * 10),
                "message": record.getMessage(),
                "logger": record.name,
            }
            if error and error[0]:
                import traceback

                line["stackTrace"] = traceback.format_tb(error[2])
                line["errorType"] = error[0].__name__
                line["errorMessage"] = str(error[1])
            line["requestId"] = record.aws_request_id
            if error and error[0]:
                line["location"] = "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
            for key, value in record.__dict__.items():
                if key not in _RECORD_FIELDS and key not in line and value is not None:
                    line[key] = value
            import json

            return json.dumps(line, ensure_ascii=False) + "\n"

    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggerHandler()
    if _json_logs:
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(
            logging.Formatter(
                "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
            )
        )
    handler.addFilter(LambdaLoggerFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    level = {"TRACE": "DEBUG", "WARN": "WARNING", "FATAL": "CRITICAL"}.get(level, level)
    if level in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        root.setLevel(level)


class LoggingOnDemand:
    """Configures `logging` when it is first imported: most hello functions never do, and it costs 15 ms."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(cls)
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None or not (spec.origin or "").startswith(os.path.dirname(os.__file__)):
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            configure_logging(module)

        spec.loader.exec_module = exec_module
        return spec


def install_logging():
    if "logging" in sys.modules:
        configure_logging(sys.modules["logging"])
    else:
        sys.meta_path.insert(0, LoggingOnDemand)


def install_streams():
    """`sys.stdout` and `sys.stderr` as frames, flushed at each line and before each answer."""
    import io

    class Stream(io.RawIOBase):
        def __init__(self, descriptor):
            self.descriptor = descriptor

        def writable(self):
            return True

        def fileno(self):
            return self.descriptor

        def write(self, data):
            return wire.send_output(self.descriptor, data)

    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        raw = Stream(descriptor)
        raw.name = "<%s>" % name
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
        setattr(sys, name, stream)
        setattr(sys, "__%s__" % name, stream)


def flush_streams():
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        pass  # User code may have put anything there.


# ---- Errors ----


def make_error(message, error_type, trace, request_id=""):
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}


def describe_exception(request_id=""):
    """The payload for the exception being handled, without the frames of this file."""
    import traceback

    error_type, value, tb = sys.exc_info()
    frames = list(traceback.extract_tb(tb))
    first = next((i for i, frame in enumerate(frames) if not frame.filename.endswith("/loggia_runtime.py")), 0)
    return make_error(str(value), error_type.__name__, traceback.format_list(frames[first:]), request_id)


def log_error(error):
    now = time.time()
    if _json_logs:
        line = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)), "log_level": "ERROR"}
        line.update(error)
        wire.send_log(5, int(now * 1000), to_json(line))
        return
    head = "[ERROR]"
    if error["errorType"]:
        head += " " + error["errorType"]
        if error["errorMessage"]:
            head += ":"
    if error["errorMessage"]:
        head += " " + error["errorMessage"]
    lines = [head, "Traceback (most recent call last):"]
    for element in error["stackTrace"]:
        for line in element.splitlines() or [""]:
            stripped = line.lstrip(" ")
            lines.append(NO_BREAK_SPACE * (len(line) - len(stripped)) + stripped)
    wire.send_log(5, int(now * 1000), "\n".join(lines))


# ---- The context object ----


class CognitoIdentity:
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]

    def __init__(self, values):
        self.cognito_identity_id = values.get("cognitoIdentityId")
        self.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")

    def __repr__(self):
        return _shown(self, self.__slots__)


class Client:
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]

    def __init__(self, values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))

    def __repr__(self):
        return _shown(self, self.__slots__)


class ClientContext:
    __slots__ = ["custom", "env", "client"]

    def __init__(self, values):
        self.custom = values.get("custom")
        self.env = values.get("env")
        client = values.get("client")
        self.client = None if client is None else Client(client)

    def __repr__(self):
        return _shown(self, self.__slots__)


def _shown(value, names):
    return "%s([%s])" % (type(value).__name__, ",".join("%s=%s" % (name, getattr(value, name)) for name in names))


class LambdaContext:
    def __init__(self, request_id, deadline_ms, arn, client_context, identity):
        self.__dict__.update(_of_environment)
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self.client_context = client_context
        self.identity = identity
        self._epoch_deadline_time_in_ms = deadline_ms

    def get_remaining_time_in_millis(self):
        return max(0, self._epoch_deadline_time_in_ms - int(time.time() * 1000))

    def log(self, msg):
        wire.send_log(0, int(time.time() * 1000), str(msg))

    def __repr__(self):
        return _shown(
            self,
            (
                "aws_request_id log_group_name log_stream_name function_name memory_limit_in_mb function_version "
                "invoked_function_arn client_context identity"
            ).split(),
        )


def parse_member(data, name):
    try:
        return _decode(str(data, "utf-8"))
    except Exception as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", "Unable to parse %s JSON: %s" % (name, error))


# ---- Loading the handler ----


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name
        )
    from importlib import import_module

    try:
        module = import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name)
        )


# ---- Invocations ----


def encode_response(value, may_be_split):
    """`(flags, json, body)`: with `body` apart when that was asked for and the value is a proxy answer with text in it."""
    if isinstance(value, bytes):
        return 0, value, b""
    try:
        if may_be_split and type(value) is dict and type(value.get("body")) is str:
            rest = value.copy()
            del rest["body"]
            return FLAG_RESULT_SPLIT, to_json(rest).encode("utf-8"), value["body"].encode("utf-8")
        return 0, to_json(value).encode("utf-8"), b""
    except Exception as error:
        del _decimals[:]
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


_traced_now = ""
_TRACE_KEY = os.environ.encodekey("_X_AMZN_TRACE_ID")


def invoke_once(handler):
    global _request_id, _traced_now
    frame = wire.next_frame()
    if frame[4] != INVOKE:
        raise RuntimeError("unexpected frame kind %d" % frame[4])
    flags = frame[5]
    (deadline_ms, event_len, _, client_len, identity_len, id_len, trace_len, arn_len, _) = _INVOKE.unpack_from(frame, 8)
    at = 40 + id_len
    request_id = frame[40:at].decode("ascii")
    trace_id = frame[at : at + trace_len].decode("utf-8")
    at += trace_len
    arn = frame[at : at + arn_len].decode("utf-8")
    at += arn_len
    client_json = identity_json = b""
    if client_len or identity_len:
        client_json = frame[at : at + client_len]
        at += client_len
        identity_json = frame[at : at + identity_len]
        at += identity_len
    event_json = frame[at : at + event_len].decode("utf-8", "replace")
    at += event_len
    body = None
    if flags & FLAG_BODY_TEXT:
        body = frame[at:].decode("utf-8", "replace")
    elif flags & FLAG_BODY_BINARY:
        from binascii import b2a_base64

        body = b2a_base64(frame[at:], newline=False).decode("ascii")
    del frame

    _request_id = request_id
    if trace_id != _traced_now:
        _traced_now = trace_id
        # Past putenv: the C library keeps every value that an environment variable ever had.
        if trace_id:
            os.environ._data[_TRACE_KEY] = os.environ.encodevalue(trace_id)
        else:
            os.environ._data.pop(_TRACE_KEY, None)

    error = None
    try:
        client_context = parse_member(client_json, "Client Context") if client_json else None
        identity = parse_member(identity_json, "Cognito Identity") if identity_json else {}
        context = LambdaContext(
            request_id,
            deadline_ms,
            arn,
            None if client_context is None else ClientContext(client_context),
            CognitoIdentity(identity or {}),
        )
        try:
            event = _decode(event_json)
        except Exception as problem:
            raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % problem)
        if body is not None and type(event) is dict:
            event["body"] = body
        result_flags, payload, result_body = encode_response(handler(event, context), flags & FLAG_SPLIT)
        if len(payload) + len(result_body) > RESPONSE_BYTES_MAX:
            raise Fault(
                "Function.ResponseSizeTooLarge",
                "Response payload size exceeded maximum allowed payload size (%d bytes)." % RESPONSE_BYTES_MAX,
            )
    except Fault as fault:
        error = make_error(fault.message, fault.error_type, fault.trace, request_id)
    except Exception:
        error = describe_exception(request_id)
    flush_streams()
    if error is not None:
        log_error(error)
        wire.send_json(ERROR, error)
        return
    head = _RESULT.pack(12 + len(payload) + len(result_body), RESULT, result_flags, 0, len(payload))
    wire.write([head, payload, result_body])


def main():
    error = None
    try:
        handler = load_handler(init["handler"])
    except Fault as fault:
        error = make_error(fault.message, fault.error_type, fault.trace)
    except Exception:
        error = describe_exception()
    flush_streams()
    if error is not None:
        log_error(error)
        wire.send_json(INIT_ERROR, error)
        sys.exit(1)
    wire.write([_HEADER.pack(8, READY, 0, 0)])
    while True:
        invoke_once(handler)
        if wire.fd < 0:
            os._exit(0)  # A child forked by user code, returning from its handler: it has nobody to answer.


# What every context object has.
_of_environment = {
    "log_group_name": os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME"),
    "log_stream_name": os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME"),
    "function_name": os.environ.get("AWS_LAMBDA_FUNCTION_NAME"),
    "memory_limit_in_mb": os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    "function_version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION"),
}
# AWS Lambda: Working with layers for Python functions: the function's own folder, then the layers, then the runtime's.
_layers = init.get("layers_root", "/opt") + "/python"
_site = "%s/lib/python%d.%d/site-packages" % (_layers, sys.version_info[0], sys.version_info[1])
sys.path[:0] = [init.get("task_root") or os.environ["LAMBDA_TASK_ROOT"], _site, _layers]
install_streams()
install_logging()
