using System.CommandLine;
using System.Net;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Report;
using Relay.Load.Targets;
using Relay.Protocol;

namespace Relay.Load.Cli;

/// <summary>A mode that measures: a workload toward a relay, and a table of what came of it.</summary>
internal abstract class MeasureCommand<T>(string name, string summary, string keys)
    : LoadCommand(name, summary, $"mode, http, profile (of HTTP/3), {keys}") where T : Workload
{
    private readonly RelayOptions _relay = new();
    private readonly MeasureOptions _measure = new();
    private bool _withTarget;

    /// <summary>Puts the mode's own options between those of every mode.</summary>
    protected void TakesAll(bool withTarget, params ReadOnlySpan<Option> options)
    {
        _withTarget = withTarget;
        _relay.AddTo(this);
        this.Takes(options);
        _measure.AddTo(this, withTarget);
    }

    /// <summary>Makes the workload; what is wrong with the command line is thrown.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="config">The relay, and how it is spoken to.</param>
    /// <param name="targets">Where a target can be added; null where the command line names one, or none is needed.</param>
    /// <param name="meter">What measures.</param>
    protected abstract T Create(ParseResult result, ClientConfig config, TargetSet? targets, RunMeter meter);

    /// <summary>Writes what was measured, where anything was.</summary>
    /// <returns>Whether it is what was hoped for.</returns>
    protected abstract bool Describe(ResultTable table, T workload, RunMeter meter, ClientConfig config);

    protected sealed override int Run(ParseResult result)
    {
        var config = _relay.Read(result);
        using var targets = _withTarget ? _measure.CreateTargets(result) : null;
        var meter = new RunMeter(_measure.RelayPid(result), targets is null ? null : targets.ReadCpu);
        var workload = Create(result, config, targets, meter);
        WorkloadRunner.Run(config, workload, _measure.ClientCpu(result));

        var table = new ResultTable(Name);
        var good = meter.HasBegun && Describe(table, workload, meter, config);
        return Finish(workload, table, _measure.Json(result), good);
    }

    /// <summary>The rows of every mode: what the client is.</summary>
    protected static void AddClient(ResultTable table, ClientConfig config)
    {
        table.Add("http", "HTTP", HttpProtocolNames.MajorOf(config.Protocol));
        if (config.Protocol == HttpProtocol.Http3)
            table.Add("profile", "profile", config.Profile.ToString().ToLowerInvariant());
    }

    /// <summary>The target of the run: somebody else's, or the built-in one that is added.</summary>
    protected TargetAuthority Target(ParseResult result, TargetSet? targets, Func<TargetSet, IPEndPoint> add)
    {
        if (targets is null)
            return _measure.Target(result);
        var endpoint = add(targets);
        targets.Start();
        return TargetSet.Authority(endpoint);
    }
}
