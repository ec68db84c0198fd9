using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Relay.Hosting;

/// <summary>An HTTP server within a process that is more than it.</summary>
public static class BareHost
{
    /// <summary>Makes one that has nothing yet.</summary>
    /// <param name="name">What it calls itself; null for the process's name.</param>
    /// <remarks>
    /// Neither appsettings.json nor ASPNETCORE_… of whatever process this is in has a say in what is bound. The working
    /// directory need not even exist any more: a host that is not told a content root asks for it.
    /// </remarks>
    public static WebApplicationBuilder CreateBuilder(string? name = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = name, ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        return builder;
    }

    /// <summary>Where it listens, once it does.</summary>
    /// <param name="application">The server.</param>
    /// <param name="asked">Where it was told to, perhaps at port 0.</param>
    public static IPEndPoint BoundAddress(WebApplication application, IPEndPoint asked) =>
        BoundAddresses(application, asked).Single();

    /// <summary>Where it listens, once it does.</summary>
    /// <param name="application">The server.</param>
    /// <param name="asked">Where it was told to, in this order, perhaps at ports 0.</param>
    public static IReadOnlyList<IPEndPoint> BoundAddresses(WebApplication application, params IPEndPoint[] asked)
    {
        var addresses =
            application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        return [.. asked.Zip(addresses.Addresses, static (one, bound) => new IPEndPoint(one.Address, new Uri(bound).Port))];
    }

    /// <summary>Whether an exception of a start is that an address cannot be listened on.</summary>
    public static bool IsBindFault(Exception exception) => exception is IOException or UnauthorizedAccessException or SocketException;

    /// <summary>Why it cannot listen, in one line that names the option and the address.</summary>
    /// <param name="exception">What its start threw; <see cref="IsBindFault"/>.</param>
    /// <param name="asked">Where it was told to listen, each with its option.</param>
    public static StartException BindFault(Exception exception, params (string Option, IPEndPoint Address)[] asked)
    {
        // Kestrel's message names the address; where it does not, it may be any of them.
        var named = Array.FindAll(asked, one => exception.Message.Contains($"//{one.Address}", StringComparison.Ordinal));
        var where = string.Join(", ", (named.Length == 1 ? named : asked).Select(static one => $"{one.Option}: {one.Address}"));
        var cause = exception.GetBaseException();
        var isTaken = exception.InnerException is AddressInUseException
            || cause is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse };
        return new StartException($"{where}: {(isTaken ? "the port is in use (EADDRINUSE)" : cause.Message)}", exception)
        {
            // An address may come with its network.
            MayPass = isTaken || cause is SocketException { SocketErrorCode: SocketError.AddressNotAvailable },
        };
    }

    // Leaves signals to the process: whoever starts the host also stops it.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
