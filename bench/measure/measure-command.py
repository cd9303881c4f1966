# usage: measure-command.py COMMAND [ARGUMENT...]
# Runs a command, discards its output, and prints as JSON what it and its children took.
# /proc/PID/io can be read until the process is waited for, and then holds its children's bytes too.
import json
import os
import sys
import time

started = time.monotonic()
pid = os.fork()
if pid == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        os.execvp(sys.argv[1], sys.argv[1:])
    except OSError as error:
        sys.stderr.write(f"{sys.argv[1]}: {error.strerror}\n")
    os._exit(127)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
seconds = time.monotonic() - started
with open(f"/proc/{pid}/io") as file:
    io = dict(line.split(": ") for line in file)
_, status, usage = os.wait4(pid, 0)
json.dump(
    {
        "seconds": seconds,
        "cpuSeconds": usage.ru_utime + usage.ru_stime,
        "peakBytes": usage.ru_maxrss * 1024,
        "readBytes": int(io["rchar"]),
        "writtenBytes": int(io["wchar"]),
    },
    sys.stdout,
)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
