/* Carries questions into a network namespace: resolves names, opens connections, passes bytes to and fro.
 *
 * It is started as the one program of a container that shares the network namespace, resolver and hosts file of the
 * container on whose behalf it asks. It knows no protocol; what it is told comes on standard input, what it has to say
 * goes to standard output, and it ends when its input does. stack/frames.py is the other end.
 *
 * A frame in:   length of the payload (4 bytes), number (4), kind (1), payload
 * A frame out:  the same with 4 bytes of microseconds before the payload, which the length does not count
 *
 *   in   r  "timeout-ms name"               resolve a name
 *        o  "tcp|udp timeout-ms ADDR PORT"  open a connection under this number
 *        d  bytes                           send on it
 *        c                                  close it
 *        f  path                            read a file
 *   out  R  addresses, or N  reason         microseconds: of the resolution
 *        O                                  it stands; microseconds: of the connect
 *        F  reason                          it does not
 *        d  bytes                           microseconds: since something was last sent on it, or since it stands
 *        E  reason, or nothing              it has ended: the peer closed it, or the file is read
 *
 * Numbers are in network order; names, paths and reasons are text without an end mark. A name that nobody answers for
 * in time gets no frame: who asks knows the time as well.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 128
#define HEAD_IN 9
#define HEAD_OUT 13
#define FRAME 4096 /* a pipe takes so much at once, so frames of the resolving children do not mix with ours */
#define PAYLOAD (FRAME - HEAD_OUT)
#define INPUT 65536

struct connection {
    int fd; /* -1: free */
    int open;
    uint32_t number;
    int64_t since; /* when the connect began, then when something was last sent */
    int64_t deadline;
};

static struct connection connections[CONNECTIONS];

static int64_t now(void)
{
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return (int64_t)moment.tv_sec * 1000000 + moment.tv_nsec / 1000;
}

static void put(unsigned char *at, uint32_t value)
{
    value = htonl(value);
    memcpy(at, &value, sizeof value);
}

static uint32_t get(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return ntohl(value);
}

static void tell(uint32_t number, char kind, int64_t micros, const void *payload, size_t length)
{
    unsigned char frame[FRAME];
    size_t done = 0;
    if (length > PAYLOAD)
        length = PAYLOAD;
    put(frame, length);
    put(frame + 4, number);
    frame[8] = kind;
    put(frame + 9, micros);
    memcpy(frame + HEAD_OUT, payload, length);
    while (done < HEAD_OUT + length) {
        ssize_t written = write(1, frame + done, HEAD_OUT + length - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            _exit(1);
        done += written;
    }
}

static void tell_text(uint32_t number, char kind, int64_t micros, const char *text)
{
    tell(number, kind, micros, text, strlen(text));
}

/* Resolves in a child, because the C library does so only by waiting. */
static void resolve(uint32_t number, char *payload)
{
    char *name = payload, text[PAYLOAD] = "";
    long timeout = strtol(payload, &name, 10);
    struct itimerval limit = {.it_value = {timeout / 1000, timeout % 1000 * 1000}};
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found, *one;
    int64_t begun = now();
    pid_t child = fork();
    if (child < 0)
        tell_text(number, 'N', 0, strerror(errno));
    if (child)
        return;
    setitimer(ITIMER_REAL, &limit, NULL);
    int error = getaddrinfo(name + (*name == ' '), NULL, &hints, &found);
    if (error) {
        tell_text(number, 'N', now() - begun, gai_strerror(error));
        _exit(0);
    }
    for (one = found; one; one = one->ai_next) {
        char address[NI_MAXHOST];
        if (getnameinfo(one->ai_addr, one->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST) == 0
            && strlen(text) + strlen(address) + 2 < sizeof text) {
            strcat(text, *text ? " " : "");
            strcat(text, address);
        }
    }
    tell_text(number, 'R', now() - begun, text);
    _exit(0);
}

static struct connection *numbered(uint32_t number)
{
    for (int at = 0; at < CONNECTIONS; at++)
        if (connections[at].fd >= 0 && connections[at].number == number)
            return &connections[at];
    return NULL;
}

static struct connection *unused(void)
{
    for (int at = 0; at < CONNECTIONS; at++)
        if (connections[at].fd < 0)
            return &connections[at];
    return NULL;
}

static void end(struct connection *one)
{
    close(one->fd);
    one->fd = -1;
}

static void fail(struct connection *one, char kind, const char *reason)
{
    tell_text(one->number, kind, now() - one->since, reason);
    end(one);
}

static void stand(struct connection *one)
{
    int64_t moment = now();
    one->open = 1;
    tell(one->number, 'O', moment - one->since, "", 0);
    one->since = moment;
}

static void open_connection(uint32_t number, char *payload)
{
    char *kind = strtok(payload, " "), *timeout = strtok(NULL, " ");
    char *address = strtok(NULL, " "), *port = strtok(NULL, " ");
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *found;
    struct connection *one = unused();
    if (!one) {
        tell_text(number, 'F', 0, "too many connections");
        return;
    }
    hints.ai_socktype = kind && !strcmp(kind, "udp") ? SOCK_DGRAM : SOCK_STREAM;
    if (!port || getaddrinfo(address, port, &hints, &found)) {
        tell_text(number, 'F', 0, "no such address");
        return;
    }
    int fd = socket(found->ai_family, hints.ai_socktype | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        tell_text(number, 'F', 0, strerror(errno));
    } else {
        *one = (struct connection){fd, 0, number, now(), now() + atol(timeout) * 1000};
        if (connect(fd, found->ai_addr, found->ai_addrlen) == 0)
            stand(one);
        else if (errno != EINPROGRESS)
            fail(one, 'F', strerror(errno));
    }
    freeaddrinfo(found);
}

static void send_on(struct connection *one, const void *data, size_t length)
{
    ssize_t sent = send(one->fd, data, length, MSG_NOSIGNAL);
    if (sent == (ssize_t)length)
        one->since = now();
    else
        fail(one, 'E', sent < 0 ? strerror(errno) : "the peer does not read what it is sent");
}

static void read_file(uint32_t number, const char *path)
{
    char data[PAYLOAD];
    ssize_t length = -1;
    int fd = open(path, O_RDONLY);
    while (fd >= 0 && (length = read(fd, data, sizeof data)) > 0)
        tell(number, 'd', 0, data, length);
    tell_text(number, 'E', 0, length < 0 ? strerror(errno) : "");
    if (fd >= 0)
        close(fd);
}

static void obey(uint32_t number, char kind, char *payload, size_t length)
{
    struct connection *one = numbered(number);
    if (kind == 'r')
        resolve(number, payload);
    else if (kind == 'o')
        open_connection(number, payload);
    else if (kind == 'f')
        read_file(number, payload);
    else if (kind == 'd' && one && one->open)
        send_on(one, payload, length);
    else if (kind == 'c' && one)
        end(one);
}

/* Obeys every whole frame in the input and returns how many bytes those were; a byte behind each payload is set to 0. */
static size_t obey_all(unsigned char *input, size_t filled)
{
    size_t at = 0;
    while (filled - at >= HEAD_IN) {
        size_t length = get(input + at), next = at + HEAD_IN + length;
        if (length > INPUT - HEAD_IN)
            exit(2);
        if (next > filled)
            break;
        unsigned char kept = input[next];
        input[next] = 0;
        obey(get(input + at + 4), input[at + 8], (char *)input + at + HEAD_IN, length);
        input[next] = kept;
        at = next;
    }
    return at;
}

static void listen_to_owner(void)
{
    static unsigned char input[INPUT + 1];
    static size_t filled;
    ssize_t length = read(0, input + filled, INPUT - filled);
    if (length <= 0)
        exit(0);
    filled += length;
    size_t done = obey_all(input, filled);
    filled -= done;
    memmove(input, input + done, filled);
}

static void attend(struct connection *one)
{
    char data[PAYLOAD];
    int error = 0;
    socklen_t size = sizeof error;
    if (!one->open) {
        getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error)
            fail(one, 'F', strerror(error));
        else
            stand(one);
        return;
    }
    ssize_t length = recv(one->fd, data, sizeof data, 0);
    if (length > 0)
        tell(one->number, 'd', now() - one->since, data, length);
    else if (length == 0 || (errno != EAGAIN && errno != EINTR))
        fail(one, 'E', length ? strerror(errno) : "");
}

static void give_up_late_ones(void)
{
    for (int at = 0; at < CONNECTIONS; at++)
        if (connections[at].fd >= 0 && !connections[at].open && now() >= connections[at].deadline)
            fail(&connections[at], 'F', "timed out");
}

static int until_next_deadline(void)
{
    int64_t next = -1;
    for (int at = 0; at < CONNECTIONS; at++)
        if (connections[at].fd >= 0 && !connections[at].open && (next < 0 || connections[at].deadline < next))
            next = connections[at].deadline;
    if (next < 0)
        return -1;
    int64_t left = (next - now()) / 1000 + 1;
    return left > 0 ? left : 0;
}

int main(void)
{
    struct pollfd ready[CONNECTIONS + 1];
    for (int at = 0; at < CONNECTIONS; at++)
        connections[at].fd = -1;
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        ready[CONNECTIONS] = (struct pollfd){0, POLLIN, 0};
        for (int at = 0; at < CONNECTIONS; at++)
            ready[at] = (struct pollfd){connections[at].fd, connections[at].open ? POLLIN : POLLOUT, 0};
        poll(ready, CONNECTIONS + 1, until_next_deadline());
        for (int at = 0; at < CONNECTIONS; at++)
            if (connections[at].fd >= 0 && ready[at].revents)
                attend(&connections[at]);
        if (ready[CONNECTIONS].revents)
            listen_to_owner();
        give_up_late_ones();
    }
}
