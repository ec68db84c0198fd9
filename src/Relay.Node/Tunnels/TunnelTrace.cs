using System.Diagnostics;
using Relay.Hosting;
using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tunnels;

/// <summary>
/// The spans of one tunnel's set-up: <c>tunnel.setup</c>, from the request to the first byte from the target, and in it
/// <c>resolve</c>, <c>policy</c>, <c>connect</c> and <c>first_byte</c>. Off by default: where nobody listens, or a
/// tunnel is not sampled, there is none, and it costs a comparison. No span names a client or a target.
/// </summary>
internal sealed class TunnelTrace
{
    public const string SourceName = "Relay.Node";

    private static readonly ActivitySource Source = new(SourceName, ProgramVersion.Text);

    private readonly Activity _setUp;
    private Activity? _step;

    private TunnelTrace(Activity setUp) => _setUp = setUp;

    /// <summary>Begins the trace of a tunnel.</summary>
    /// <param name="udp">Its type.</param>
    /// <returns>Null where nobody listens, or the tunnel is not sampled.</returns>
    public static TunnelTrace? Start(bool udp)
    {
        if (!Source.HasListeners())
            return null;
        var activity = Begin("tunnel.setup", ActivityKind.Server, default);
        activity?.SetTag("relay.tunnel.type", udp ? "udp" : "tcp");
        return activity is null ? null : new TunnelTrace(activity);
    }

    /// <summary>A step begins; the one before it ends.</summary>
    public void Begin(SetUpStep step)
    {
        EndStep();
        _step = Begin(NameOf(step), ActivityKind.Internal, _setUp.Context);
    }

    /// <summary>The first byte of the target has arrived: the set-up is complete.</summary>
    public void Complete()
    {
        EndStep();
        End(_setUp);
    }

    /// <summary>The tunnel ended before it was set up.</summary>
    public void Fail(TunnelOutcome outcome, ProxyErrorType error)
    {
        var type = error == ProxyErrorType.None ? TunnelOutcomeNames.Of(outcome) : ProxyStatus.GetToken(error);
        foreach (var activity in (Activity?[])[_step, _setUp])
        {
            // A tunnel whose target has nothing to say is none that failed.
            if (outcome != TunnelOutcome.Completed)
                activity?.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error);
        }
        Complete();
    }

    private void EndStep()
    {
        End(_step);
        _step = null;
    }

    private static string NameOf(SetUpStep step) => step switch
    {
        SetUpStep.Resolve => "resolve",
        SetUpStep.Policy => "policy",
        SetUpStep.Connect => "connect",
        _ => "first_byte",
    };

    /// <summary>A loop turns for many tunnels: none of their spans may be the thread's current one.</summary>
    private static Activity? Begin(string name, ActivityKind kind, ActivityContext parent)
    {
        var activity = Source.StartActivity(name, kind, parent);
        Activity.Current = null;
        return activity;
    }

    private static void End(Activity? activity)
    {
        activity?.Dispose();
        Activity.Current = null;
    }
}
