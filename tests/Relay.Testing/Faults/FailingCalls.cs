using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Processor = System.Runtime.InteropServices.Architecture;

namespace Relay.Testing.Faults;

/// <summary>
/// A thread some of whose system calls fail as a test says (seccomp(2), SECCOMP_RET_ERRNO): what is under test is the code as it
/// is, down to the kernel's door. A thread keeps its filters for good, so each test has one of its own, and others are not
/// touched. Nothing may be awaited on it: a thread of the pool that it made would fail likewise.
/// </summary>
public sealed class FailingCalls
{
    private const int SetNoNewPrivileges = 38;
    private const int SetSeccomp = 22;
    private const int Filter = 2;

    private const ushort Load = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K
    private const uint Allow = 0x7fff0000;
    private const uint Fail = 0x00050000;

    private FailingCalls()
    {
    }

    /// <summary>Runs on such a thread; skips the test where the kernel has no seccomp.</summary>
    /// <exception cref="TimeoutException">It does not end.</exception>
    public static void Run(Action<FailingCalls> action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action(new FailingCalls());
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { IsBackground = true };
        thread.Start();
        if (!thread.Join(Eventually.Limit))
            throw new TimeoutException("The thread whose calls fail does not end.");
        failure?.Throw();
    }

    /// <summary>Such a call of this thread fails from now on. The last that was said of a call counts.</summary>
    /// <param name="call">Which.</param>
    /// <param name="errno">By which error.</param>
    public void Begin(SystemCall call, int errno)
    {
        Instruction[] program =
        [
            new(Load, 0), // seccomp_data.nr
            new(JumpIfEqual, NumberOf(call), jumpFalse: 1),
            new(Return, Fail | (uint)errno),
            new(Return, Allow),
        ];
        var pinned = GCHandle.Alloc(program, GCHandleType.Pinned);
        try
        {
            var filter = new Program { Length = (ushort)program.Length, Instructions = pinned.AddrOfPinnedObject() };
            if (Control(SetNoNewPrivileges, 1, 0, 0, 0) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            if (Control(SetSeccomp, Filter, ref filter) != 0)
                Assert.Skip($"The kernel takes no filter of system calls: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            pinned.Free();
        }
    }

    private static uint NumberOf(SystemCall call) => RuntimeInformation.ProcessArchitecture switch
    {
        Processor.X64 => call switch
        {
            SystemCall.Socket => 41,
            SystemCall.Connect => 42,
            SystemCall.Accept4 => 288,
            SystemCall.SendTo => 44,
            SystemCall.SendMsg => 46,
            SystemCall.SendMMsg => 307,
            SystemCall.RecvFrom => 45,
            SystemCall.RecvMMsg => 299,
            SystemCall.GetSockOpt => 55,
            _ => 233,
        },
        Processor.Arm64 => call switch
        {
            SystemCall.Socket => 198,
            SystemCall.Connect => 203,
            SystemCall.Accept4 => 242,
            SystemCall.SendTo => 206,
            SystemCall.SendMsg => 211,
            SystemCall.SendMMsg => 269,
            SystemCall.RecvFrom => 207,
            SystemCall.RecvMMsg => 243,
            SystemCall.GetSockOpt => 209,
            _ => 21,
        },
        var other => throw new PlatformNotSupportedException($"numbers of system calls on {other} are not known here"),
    };

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static extern int Control(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static extern int Control(int option, nuint mode, ref Program filter);

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, uint value, byte jumpFalse = 0)
    {
        private readonly ushort _code = code;
        private readonly byte _jumpTrue;
        private readonly byte _jumpFalse = jumpFalse;
        private readonly uint _value = value;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public nint Instructions;
    }
}
