# Runs a PostgreSQL server for as long as the process at the other end of its input lives.
#
# Started by `watchdog.rs` as `sh -c <this> sh HOME BIN LIBRARIES OPTION...`. Takes orders as
# lines, `start`, `stop` (fast) or `crash` (at once, without a checkpoint). The end of the input
# is the last order: stop, remove HOME, leave. The kernel closes the other end however the process
# ends, so this holds for a crash and for SIGKILL too.
# Must not hold an inherited output open: a test runner would wait for it to be closed.
#
# Notes in HOME: `pid` of the server, `ended-N` once the N-th server has ended.

trap '' HUP INT TERM
home=$1 bin=$2 libraries=$3
shift 3
exec 3<&0 </dev/null >>"$home/log" 2>&1

launch() {
    {
        {
            [ -z "$libraries" ] || export LD_LIBRARY_PATH="$libraries"
            [ -f "$home/data/PG_VERSION" ] ||
                "$bin/initdb" -D "$home/data" -U postgres -A trust --no-sync -E UTF8 --locale=C ||
                exit 1
            # `exec`, so that the number of this shell becomes that of the server.
            exec "$bin/postgres" -D "$home/data" -k "$home" "$@"
        } &
        echo $! >"$home/pid"
        wait $!
        : >"$home/ended-$count"
    } 3<&- &
}

# The signal is repeated, because a server that has not come further than `initdb` misses it.
halt() {
    signal=$1 tries=0
    while [ ! -e "$home/ended-$count" ]; do
        kill "-$signal" "$(cat "$home/pid" 2>/dev/null)" 2>/dev/null
        sleep 0.02
        tries=$((tries + 1))
        case $tries in
        250) signal=QUIT ;;
        400) signal=KILL ;;
        esac
    done
}

count=0
: >"$home/ended-0"
while read -r order <&3; do
    case $order in
    start)
        rm -f "$home/pid"
        count=$((count + 1))
        launch "$@"
        ;;
    stop) halt INT ;;
    crash) halt QUIT ;;
    esac
done

halt INT
cd /
# After a KILL the server's children may still be writing for a moment.
tries=0
until rm -rf "$home" || [ $tries -ge 50 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
