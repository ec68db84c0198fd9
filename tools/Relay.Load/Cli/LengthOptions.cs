using System.CommandLine;

namespace Relay.Load.Cli;

/// <summary>How long a run measures: a number of datagrams, a time, or whichever ends first.</summary>
internal sealed class LengthOptions
{
    private const double DefaultSeconds = 5;

    private readonly LoadOption<long> _count = new("--count", "Datagrams; 0 for no limit.", 0);

    private readonly LoadOption<double> _duration = new("--duration", "Seconds; 5 if --count is not given.", 0);

    private readonly LoadOption<double> _warmup = new("--warmup", "Seconds to run before measuring.", 0);

    public Option[] All => [_count, _duration, _warmup];

    public (long Count, TimeSpan Duration, TimeSpan Warmup) Read(ParseResult result)
    {
        var count = result.GetValue(_count);
        var seconds = result.GetValue(_duration);
        var warmup = result.GetValue(_warmup);
        if (count < 0 || seconds < 0 || warmup < 0)
            throw new UsageException("--count, --duration and --warmup are not negative.");
        if (count == 0 && seconds == 0)
            seconds = DefaultSeconds;
        return (count, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(warmup));
    }
}
