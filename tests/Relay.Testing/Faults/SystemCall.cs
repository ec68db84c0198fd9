namespace Relay.Testing.Faults;

/// <summary>The system calls that a test may have fail, by their names in the manual (syscalls(2)).</summary>
public enum SystemCall
{
    Socket,
    Connect,
    Accept4,

    /// <summary>What send(2) calls.</summary>
    SendTo,
    SendMsg,
    SendMMsg,

    /// <summary>What recv(2) calls.</summary>
    RecvFrom,
    RecvMMsg,
    GetSockOpt,

    /// <summary>epoll_ctl(2).</summary>
    EpollCtl,
}
