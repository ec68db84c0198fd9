using System.ComponentModel;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Relay.Testing.Processes;

namespace Relay.Testing.Network;

/// <summary>
/// A network of the test's own that has a loopback interface and nothing else, so that no program in it can reach
/// anything. It has no name and leaves nothing behind: a process that waits for its input to end holds it, and it is
/// gone with the last process in it.
/// </summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private const int CloneNewNet = 0x40000000;
    private const string Holder = """ "$0" link set lo up && echo up && exec cat """;

    private readonly ChildProcess _holder;
    private readonly string _enter;

    private NetworkNamespace(ChildProcess holder, string enter) => (_holder, _enter) = (holder, enter);

    /// <summary>A process in it, by which <c>ip link … netns</c> names the namespace.</summary>
    public int Id => _holder.Id;

    private string File => $"/proc/{_holder.Id}/ns/net";

    /// <summary>Makes the namespace, or skips the test where that is not permitted.</summary>
    public static async Task<NetworkNamespace> CreateAsync()
    {
        var unshare = InstalledProgram.Require("unshare", "util-linux");
        var enter = InstalledProgram.Require("nsenter", "util-linux");
        var ip = InstalledProgram.Require("ip", "iproute2");

        var holder = ChildProcess.Start(unshare, ["--net", "--", "sh", "-c", Holder, ip]);
        return await new NetworkNamespace(holder, enter).ReadyAfterAsync(static async network =>
        {
            var answer = await network._holder.Log.WaitForAsync("^up$|Operation not permitted", Eventually.Limit);
            Assert.SkipUnless(
                answer.Value == "up",
                "A network namespace cannot be made here: run as root, or under unshare --map-root-user.");
            network.RefuseAllButLoopback();
        });
    }

    /// <summary>
    /// Starts a program inside. It takes the place of the process that enters, so its id is the program's.
    /// </summary>
    public ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? name = null) =>
        ChildProcess.Start(
            _enter, [$"--net={File}", "--", program, .. arguments], environment, name ?? Path.GetFileName(program));

    /// <summary>The same of a whole command.</summary>
    public ChildProcess Start(
        string[] command, IReadOnlyDictionary<string, string>? environment = null, string? name = null) =>
        Start(command[0], command[1..], environment, name);

    /// <summary>Runs commands inside, of which each must succeed, and returns what they write.</summary>
    public async Task<string> ShellAsync(string commands)
    {
        await using var shell = Start("/bin/sh", ["-e", "-c", commands], name: "sh");
        var status = await shell.WaitForExitAsync(Eventually.Limit);
        Assert.True(status == 0, $"'{commands}' ended with {status}. {shell.Log.Describe()}");
        return string.Join('\n', shell.Log.Lines);
    }

    /// <summary>
    /// Runs on a thread that is inside. A socket made there belongs to the namespace for good, whoever uses it later.
    /// </summary>
    public T Run<T>(Func<T> action)
    {
        T? result = default;
        OwnThread.Run(() =>
        {
            using var file = System.IO.File.OpenHandle(File);
            if (SetNamespace(file, CloneNewNet) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            result = action();
        });
        return result!;
    }

    public ValueTask DisposeAsync() => _holder.DisposeAsync();

    private void RefuseAllButLoopback()
    {
        var others = Run(NetworkInterface.GetAllNetworkInterfaces)
            .Where(one => one.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .Select(one => one.Name)
            .ToArray();
        if (others.Length > 0)
            throw new InvalidOperationException($"The namespace is not cut off: it has {string.Join(", ", others)}.");
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNamespace(SafeFileHandle file, int type);
}
