namespace Relay.Native.Linux;

/// <summary>A system call failed while something was being set up. Never thrown on the packet path.</summary>
/// <param name="operation">What was tried, such as <c>bind 127.0.0.1:4433</c>.</param>
/// <param name="errno">The positive error number.</param>
public sealed class SocketSystemException(string operation, int errno)
    : IOException($"{operation}: {Linux.Errno.Describe(errno)}")
{
    /// <summary>What was tried, such as <c>bind 127.0.0.1:4433</c>.</summary>
    public string Operation { get; } = operation;

    /// <summary>The positive error number.</summary>
    public int Errno { get; } = errno;
}
