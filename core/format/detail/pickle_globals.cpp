// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What PyTorch allows: torch/_weights_only_unpickler.py, _get_allowed_globals().
#include "core/format/detail/pickle_globals.h"

#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/torch_dtypes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

using namespace std::string_view_literals;

constexpr std::array torchAllowed{
    "collections.OrderedDict"sv, "collections.Counter"sv, "torch.nn.parameter.Parameter"sv, "torch.nn.parameter.Buffer"sv, "torch.serialization._get_layout"sv, "torch.Size"sv,
    "torch.Tensor"sv, "torch.device"sv, "_codecs.encode"sv, "builtins.bytearray"sv, "builtins.set"sv, "builtins.complex"sv, "torch._tensor._rebuild_from_type_v2"sv,
    "torch._utils._rebuild_parameter"sv, "torch._utils._rebuild_parameter_with_state"sv, "torch._utils._rebuild_qtensor"sv, "torch._utils._rebuild_tensor"sv,
    "torch._utils._rebuild_tensor_v2"sv, "torch._utils._rebuild_tensor_v3"sv, "torch._utils._rebuild_sparse_tensor"sv, "torch._utils._rebuild_meta_tensor_no_storage"sv,
    "torch._utils._rebuild_nested_tensor"sv, "torch._utils._rebuild_wrapper_subclass"sv, "torch._utils._rebuild_device_tensor_from_numpy"sv,
    "torch._utils._rebuild_device_tensor_from_cpu_tensor"sv, "torch._utils._rebuild_sparse_csr_tensor"sv, "torch._utils._rebuild_xla_tensor"sv, "torch._tensor._rebuild_from_type"sv,
    // TorchScript's own pickler: torch/csrc/jit/serialization/pickler.cpp
    "torch.jit._pickle.build_intlist"sv, "torch.jit._pickle.build_tensorlist"sv, "torch.jit._pickle.build_doublelist"sv, "torch.jit._pickle.build_boollist"sv,
    "torch.jit._pickle.restore_type_tag"sv, "torch.jit._pickle.build_tensor_from_id"sv,
};

/// Data of well-known packages. A name that ends in '.' stands for every class of that module (upper-case names only).
constexpr std::array benign{
    "builtins.object"sv, "builtins.int"sv, "builtins.float"sv, "builtins.str"sv, "builtins.bytes"sv, "builtins.bool"sv, "builtins.tuple"sv, "builtins.list"sv, "builtins.dict"sv,
    "builtins.frozenset"sv, "builtins.slice"sv, "builtins.range"sv, "builtins.NoneType"sv, "builtins.Ellipsis"sv, "builtins.type"sv, "builtins.NotImplemented"sv,
    "collections.defaultdict"sv, "collections.deque"sv, "collections.ChainMap"sv, "collections.UserDict"sv, "collections.UserList"sv,
    "copyreg._reconstructor"sv, "copyreg.__newobj__"sv, "copyreg.__newobj_ex__"sv, "types.SimpleNamespace"sv, "types.NoneType"sv, "argparse.Namespace"sv,
    "datetime."sv, "decimal.Decimal"sv, "_decimal.Decimal"sv, "_pydecimal.Decimal"sv, "fractions.Fraction"sv, "uuid.UUID"sv, "uuid.SafeUUID"sv, "enum."sv, "ipaddress."sv,
    "datetime.date"sv, "datetime.datetime"sv, "datetime.time"sv, "datetime.timedelta"sv, "datetime.timezone"sv, "array.array"sv, "array._array_reconstructor"sv,
    "zoneinfo.ZoneInfo"sv, "zoneinfo.ZoneInfo._unpickle"sv, "pathlib."sv, "pathlib._local."sv, "typing."sv, "re._compile"sv, "random.Random"sv, "string.Template"sv, "numbers."sv,
    "numpy.ndarray"sv, "numpy.dtype"sv, "numpy.matrix"sv, "numpy.recarray"sv, "numpy.record"sv, "numpy.core.multiarray._reconstruct"sv, "numpy.core.multiarray.scalar"sv,
    "numpy._core.multiarray._reconstruct"sv, "numpy._core.multiarray.scalar"sv, "numpy.core.numeric._frombuffer"sv, "numpy._core.numeric._frombuffer"sv,
    "numpy.ma.core._mareconstruct"sv, "numpy.ma.core.MaskedArray"sv, "numpy.core.multiarray.scalar"sv, "numpy.dtypes."sv, "numpy.random._pickle.__randomstate_ctor"sv,
    "numpy.random._pickle.__generator_ctor"sv, "numpy.random._pickle.__bit_generator_ctor"sv, "numpy.random._mt19937.MT19937"sv, "numpy.random._pcg64.PCG64"sv,
    "numpy.rec.recarray"sv, "numpy.rec.record"sv, "numpy._core.records.recarray"sv, "numpy._core.records.record"sv,
    "omegaconf."sv, "omegaconf.dictconfig."sv, "omegaconf.listconfig."sv, "omegaconf.base."sv, "omegaconf.nodes."sv, "omegaconf.basecontainer."sv,
    "easydict.EasyDict"sv, "addict.addict.Dict"sv, "munch.Munch"sv, "yacs.config.CfgNode"sv, "fvcore.common.config.CfgNode"sv, "detectron2.config.config.CfgNode"sv, "box.box.Box"sv,
    "mmengine.config.config.ConfigDict"sv, "mmcv.utils.config.ConfigDict"sv, "ml_collections.config_dict.config_dict.ConfigDict"sv,
    "lightning_fabric.utilities.data.AttributeDict"sv, "lightning.fabric.utilities.data.AttributeDict"sv, "pytorch_lightning.utilities.parsing.AttributeDict"sv,
    "lightning.pytorch.utilities.parsing.AttributeDict"sv, "ml_dtypes.bfloat16"sv, "ml_dtypes.float8_e4m3fn"sv, "ml_dtypes.float8_e5m2"sv,
    "torch.storage.TypedStorage"sv, "torch.storage._TypedStorage"sv, "torch.utils.data.sampler."sv, "torch.torch_version.TorchVersion"sv, "torch.distributed.checkpoint.metadata."sv,
    "torch.distributed.checkpoint.filesystem."sv,
    "torch.nested._internal.nested_tensor._rebuild_njt"sv,
};

/// numpy's scalar types, as `numpy.float32`.
constexpr std::array numpyScalars{"float16"sv, "float32"sv, "float64"sv, "float128"sv, "longdouble"sv, "int8"sv, "int16"sv, "int32"sv, "int64"sv, "uint8"sv, "uint16"sv, "uint32"sv,
                                  "uint64"sv, "bool_"sv, "bool"sv, "complex64"sv, "complex128"sv, "str_"sv, "bytes_"sv, "object_"sv, "void"sv, "datetime64"sv, "timedelta64"sv};

/// The modules that Python brings (sys.stdlib_module_names of 3.8 to 3.13 and what Python 2 called them): whatever of them is not
/// listed above is a function or a class that no checkpoint needs.
constexpr auto standardModules = std::to_array<std::string_view>({ // more than clang can deduce
    "__builtin__"sv, "__future__"sv, "__main__.__builtins__"sv, "_thread"sv, "_threading_local"sv, "_io"sv, "_ctypes"sv, "_socket"sv, "_ssl"sv, "_sqlite3"sv, "_posixsubprocess"sv,
    "_pickle"sv, "_imp"sv, "_operator"sv, "_functools"sv, "_codecs"sv, "_frozen_importlib"sv, "_frozen_importlib_external"sv, "_winapi"sv, "_weakref"sv, "_collections"sv,
    "_datetime"sv, "_decimal"sv, "_pydecimal"sv, "_pyio"sv, "_xxsubinterpreters"sv, "_xxinterpchannels"sv, "_aix_support"sv, "_osx_support"sv, "_bootsubprocess"sv, "_pyrepl"sv,
    "_testcapi"sv, "_testinternalcapi"sv, "abc"sv, "aifc"sv, "anydbm"sv, "argparse"sv, "array"sv, "ast"sv, "asynchat"sv, "asyncio"sv, "asyncore"sv, "atexit"sv, "audioop"sv,
    "base64"sv, "bdb"sv, "binascii"sv, "bisect"sv, "builtins"sv, "bz2"sv, "cPickle"sv, "cProfile"sv, "cStringIO"sv, "calendar"sv, "cgi"sv, "cgitb"sv, "chunk"sv, "cmath"sv,
    "cmd"sv, "code"sv, "codecs"sv, "codeop"sv, "collections"sv, "commands"sv, "compileall"sv, "concurrent"sv, "configparser"sv, "ConfigParser"sv, "contextlib"sv, "contextvars"sv,
    "copy"sv, "copy_reg"sv, "copyreg"sv, "crypt"sv, "csv"sv, "ctypes"sv, "curses"sv, "dataclasses"sv, "datetime"sv, "dbm"sv, "decimal"sv, "difflib"sv, "dis"sv, "distutils"sv,
    "doctest"sv, "email"sv, "encodings"sv, "ensurepip"sv, "enum"sv, "errno"sv, "faulthandler"sv, "fcntl"sv, "filecmp"sv, "fileinput"sv, "fnmatch"sv, "fractions"sv, "ftplib"sv,
    "functools"sv, "gc"sv, "genericpath"sv, "getopt"sv, "getpass"sv, "gettext"sv, "glob"sv, "grp"sv, "gzip"sv, "hashlib"sv, "heapq"sv, "hmac"sv, "html"sv, "http"sv, "httplib"sv,
    "idlelib"sv, "imaplib"sv, "imp"sv, "importlib"sv, "inspect"sv, "io"sv, "ipaddress"sv, "itertools"sv, "json"sv, "lib2to3"sv, "linecache"sv, "locale"sv, "logging"sv, "lzma"sv,
    "mailbox"sv, "mailcap"sv, "marshal"sv, "math"sv, "mimetypes"sv, "mmap"sv, "modulefinder"sv, "msilib"sv, "msvcrt"sv, "multiprocessing"sv, "netrc"sv, "nntplib"sv, "nt"sv,
    "ntpath"sv, "nturl2path"sv, "numbers"sv, "operator"sv, "optparse"sv, "os"sv, "pathlib"sv, "pdb"sv, "pickle"sv, "pickletools"sv, "pipes"sv, "pkgutil"sv, "platform"sv,
    "plistlib"sv, "popen2"sv, "poplib"sv, "posix"sv, "posixpath"sv, "pprint"sv, "profile"sv, "pstats"sv, "pty"sv, "pwd"sv, "py_compile"sv, "pyclbr"sv, "pydoc"sv, "pydoc_data"sv,
    "queue"sv, "quopri"sv, "random"sv, "re"sv, "readline"sv, "reprlib"sv, "resource"sv, "rlcompleter"sv, "runpy"sv, "sched"sv, "secrets"sv, "select"sv, "selectors"sv, "shelve"sv,
    "shlex"sv, "shutil"sv, "signal"sv, "site"sv, "sitecustomize"sv, "smtpd"sv, "smtplib"sv, "sndhdr"sv, "socket"sv, "socketserver"sv, "SocketServer"sv, "sqlite3"sv, "sre_compile"sv,
    "ssl"sv, "stat"sv, "statistics"sv, "string"sv, "struct"sv, "subprocess"sv, "symtable"sv, "sys"sv, "sysconfig"sv, "syslog"sv, "tabnanny"sv, "tarfile"sv, "telnetlib"sv,
    "tempfile"sv, "termios"sv, "test"sv, "textwrap"sv, "this"sv, "threading"sv, "time"sv, "timeit"sv, "tkinter"sv, "Tkinter"sv, "tokenize"sv, "tomllib"sv, "trace"sv, "traceback"sv,
    "tracemalloc"sv, "tty"sv, "turtle"sv, "turtledemo"sv, "types"sv, "typing"sv, "unicodedata"sv, "unittest"sv, "urllib"sv, "urllib2"sv, "urlparse"sv, "uu"sv, "uuid"sv, "venv"sv,
    "warnings"sv, "wave"sv, "weakref"sv, "webbrowser"sv, "winreg"sv, "winsound"sv, "wsgiref"sv, "xdrlib"sv, "xml"sv, "xmlrpc"sv, "xmlrpclib"sv, "zipapp"sv, "zipfile"sv,
    "zipimport"sv, "zlib"sv, "zoneinfo"sv,
    // packages whose purpose is to run or install code, or to talk to other machines
    "<computed>"sv, "pip"sv, "setuptools"sv, "pkg_resources"sv, "_distutils_hack"sv, "dill"sv, "cloudpickle"sv, "IPython"sv, "ipykernel"sv, "jupyter_client"sv, "pexpect"sv,
    "paramiko"sv, "fabric"sv, "invoke"sv, "plumbum"sv, "sh"sv, "execnet"sv, "requests"sv, "httpx"sv, "aiohttp"sv, "urllib3"sv, "jinja2"sv, "mako"sv, "nose"sv, "py"sv, "_pytest"sv,
    "pytest"sv, "psutil"sv, "cffi"sv, "numba"sv, "pyximport"sv, "Cython"sv, "boto3"sv, "botocore"sv, "docker"sv, "kubernetes"sv, "celery"sv, "ray"sv, "dask"sv,
});

/// PyTorch's modules whose classes whole-module checkpoints name. Of everything else in torch only what is listed above is data.
constexpr std::array torchClassModules{
    "torch.nn."sv,     "torch.optim."sv,       "torch.ao."sv,       "torch.quantization."sv, "torch.distributions."sv,
    "torch.fx."sv,     "torch.amp."sv,         "torch.cuda.amp."sv, "torch.distributed."sv,  "torch.utils.data."sv,
    "torch.nested."sv, "torch.masked."sv,      "torch.sparse."sv,   "torch.jit._script"sv,   "torch.backends."sv,
    "torch._C."sv,     "torch._subclasses."sv, "torch._dynamo."sv,  "torch.testing."sv};

/// Functions that modules keep as attributes (an activation); named without being called they are names alone.
constexpr std::array torchActivations{"relu"sv, "relu_"sv, "tanh"sv, "sigmoid"sv, "gelu"sv, "selu"sv, "celu"sv, "rrelu"sv, "prelu"sv, "softmax"sv, "log_softmax"sv, "sin"sv,
                                      "cos"sv, "exp"sv, "log"sv, "sqrt"sv, "square"sv, "add"sv, "mul"sv, "cat"sv, "sum"sv, "mean"sv, "max"sv, "min"sv, "abs"sv, "sign"sv};

template <typename List>
bool contains(const List& list, std::string_view text)
{
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool isClassName(std::string_view name)
{
    const size_t first = name.find_first_not_of('_');
    return first != std::string_view::npos && name[first] >= 'A' && name[first] <= 'Z';
}

std::string_view topLevel(std::string_view module)
{
    return module.substr(0, module.find('.'));
}

GlobalSafety safetyInTorch(const PickleGlobal& global)
{
    const std::string module = global.module + ".";
    const bool classModule = std::any_of(torchClassModules.begin(), torchClassModules.end(), [&](std::string_view prefix) { return module.starts_with(prefix); });
    if (classModule && isClassName(global.name))
        return GlobalSafety::Unknown;
    if (global.module == "torch" && global.name == "ScriptObject") // what packs the weights of quantized modules
        return GlobalSafety::Unknown;
    const bool functions = global.module == "torch.nn.functional" || global.module == "torch._C._nn" || global.module == "torch.nn.init" || global.module.ends_with("._VariableFunctions");
    if (!global.isCalled && (functions || (global.module == "torch" && contains(torchActivations, global.name))))
        return GlobalSafety::Unknown;
    return GlobalSafety::Dangerous;
}

bool isTorchData(const PickleGlobal& global)
{
    const bool inTorch = global.module == "torch" || global.module == "torch.cuda" || global.module == "torch.sparse" || global.module == "torch.storage";
    return inTorch && (torchStorageType(global.name) || torchTensorType(global.name) || torchDType(global.name) || isTorchScheme(global.name));
}

Finding finding(Severity severity, std::string title, std::string explanation, std::string fix, const std::vector<std::string>& names)
{
    return newFinding(severity, "unsafe-pickle", std::move(title), std::move(explanation), std::move(fix), {{"globals", Value::List(names.begin(), names.end())}});
}

std::string listed(const std::vector<std::string>& names)
{
    constexpr size_t most = 5;
    std::string out;
    for (size_t i = 0; i < std::min(most, names.size()); ++i)
        out += (i ? ", " : "") + names[i];
    return names.size() > most ? fmt::format("{} and {} more", out, names.size() - most) : out;
}

} // namespace

GlobalSafety safetyOf(const PickleGlobal& global)
{
    const std::string module = global.module == "__builtin__" ? "builtins" : global.module == "copy_reg" ? "copyreg" : global.module;
    const std::string full = module + "." + global.name;
    if (contains(torchAllowed, full) || isTorchData(global))
        return GlobalSafety::TorchAllowed;
    if (contains(benign, full) || (module == "numpy" && contains(numpyScalars, global.name)))
        return GlobalSafety::Benign;
    const bool dotted = global.name.find('.') != std::string::npos; // an attribute of an attribute: any object can be reached
    const bool hidden = global.name.find("__") != std::string::npos || module.find("__") != std::string::npos;
    if (!dotted && isClassName(global.name) && contains(benign, module + "."))
        return GlobalSafety::Benign;
    const std::string_view top = topLevel(module);
    if (contains(standardModules, top) || (dotted && hidden))
        return GlobalSafety::Dangerous;
    if (top == "torch")
        return dotted ? GlobalSafety::Dangerous : safetyInTorch(global);
    if (top == "numpy" || top == "scipy" || top == "pandas" || top == "joblib" || top == "keras" || top == "tensorflow")
        return isClassName(global.name) && !dotted ? GlobalSafety::Unknown : GlobalSafety::Dangerous;
    return GlobalSafety::Unknown;
}

std::string shownGlobal(const PickleGlobal& global)
{
    return shown(global.module + "." + global.name, 120);
}

std::vector<Finding> globalFindings(std::span<const PickleGlobal> globals, bool forTorch)
{
    std::vector<std::string> byClass[4];
    for (const PickleGlobal& global : globals)
        byClass[static_cast<size_t>(safetyOf(global))].push_back(shownGlobal(global));
    std::vector<Finding> out;
    if (const auto& names = byClass[static_cast<size_t>(GlobalSafety::Dangerous)]; !names.empty())
        out.push_back(finding(Severity::Error, fmt::format("The pickle is unsafe: loading it can run code through {}", listed(names)),
                              "These names are no data: no checkpoint needs them. Weighbridge read the file without executing anything; torch.load(weights_only=False) and pickle.load would run them.",
                              "Do not load this file with pickle or torch.load(weights_only=False). Ask its author for a safetensors file.", names));
    if (const auto& names = byClass[static_cast<size_t>(GlobalSafety::Unknown)]; !names.empty())
        out.push_back(finding(Severity::Warning, fmt::format("The pickle needs classes that are not allowed by default: {}", listed(names)),
                              "It can only be loaded where the program that defines them is installed, and their code is run then. They are shown here as names alone.",
                              "Save the state dict (model.state_dict()) instead of the object, or load it only if you trust its author.", names));
    if (const auto& names = byClass[static_cast<size_t>(GlobalSafety::Benign)]; !names.empty())
        out.push_back(finding(forTorch ? Severity::Warning : Severity::Note, fmt::format("The pickle holds objects besides tensors: {}", listed(names)),
                              "They are known to hold data alone, but torch.load refuses them unless they are allowed: they are not in its own list of safe globals.",
                              "Use torch.serialization.add_safe_globals() for them, or torch.load(weights_only=False) if you trust the file's author.", names));
    return out;
}

} // namespace weighbridge
