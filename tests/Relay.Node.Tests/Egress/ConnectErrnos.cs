using Relay.Native.Linux;

namespace Relay.Node.Tests.Egress;

/// <summary>
/// Each error of connect(2) that socket(7), ip(7), tcp(7) and udp(7) name, those that ICMP makes (icmp(7)), and those of a
/// machine that has no more; with the error of Proxy-Status (RFC 9209 §2.3), and its details, that its client is told, and the status. Of targets
/// by IPv4.
/// </summary>
public sealed class ConnectErrnos : TheoryData<int, string, int>
{
    public ConnectErrnos()
    {
        AddAll("connection_refused", 502, Errno.ECONNREFUSED, Errno.ECONNRESET);
        AddAll("connection_timeout", 504, Errno.ETIMEDOUT);
        // No route, none that the administrator allows, or a router that says so: each by ICMP, or by the machine's own tables.
        AddAll("destination_ip_unroutable", 502,
            Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.ENETDOWN, Errno.EHOSTDOWN, Errno.ENONET, Errno.EAFNOSUPPORT,
            Errno.EINVAL, Errno.EACCES, Errno.EPERM, Errno.ENODEV, Errno.ENOPROTOOPT, Errno.EPROTO, Errno.EOPNOTSUPP);
        AddAll("connection_limit_reached; details=\"open files of the node\"", 503, Errno.EMFILE, Errno.ENFILE, Errno.ENOSPC);
        AddAll("connection_limit_reached; details=\"memory of the node\"", 503, Errno.ENOBUFS, Errno.ENOMEM);
        AddAll("connection_limit_reached; details=\"ports of the egress address\"", 503,
            Errno.EADDRINUSE, Errno.EAGAIN, Errno.EADDRNOTAVAIL);
        // What no target and no load can cause.
        AddAll("proxy_internal_error", 500, Errno.EBADF, Errno.EFAULT, Errno.ENOTSOCK, Errno.EALREADY, Errno.EISCONN, Errno.EIO);
    }

    private void AddAll(string error, int status, params int[] errnos)
    {
        foreach (var errno in errnos)
            Add(errno, error, status);
    }
}
