using Spectre.Console;

namespace Relay.Load.Report;

/// <summary>Shows how far a run is, on standard error, while it is a terminal.</summary>
internal static class ProgressDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Returns when the thread has ended.</summary>
    /// <param name="running">What runs.</param>
    /// <param name="progress">How far it is; the fraction is negative where it has no end.</param>
    public static void Show(Thread running, Func<(double Fraction, string Text)> progress)
    {
        if (Console.IsErrorRedirected)
        {
            running.Join();
            return;
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                var task = context.AddTask("connecting", maxValue: 1);
                while (!running.Join(Interval))
                {
                    var (fraction, text) = progress();
                    task.IsIndeterminate = fraction < 0;
                    task.Value = Math.Clamp(fraction, 0, 1);
                    task.Description = Markup.Escape(text);
                }
            });
    }
}
