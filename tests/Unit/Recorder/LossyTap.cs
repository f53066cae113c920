namespace Appliance.Tests.Unit.Recorder;

/// <summary>What happens to copies: lost at random, or several in a row; late.</summary>
internal sealed record LossyTap(int LossPercent, int BurstLength, int DelayMs)
{
    private int _burst;

    public bool Loses(Random random)
    {
        if (_burst > 0)
        {
            _burst--;
            return true;
        }
        var isLost = random.Next(100) < LossPercent;
        _burst = isLost && random.Next(5) == 0 ? BurstLength : 0;
        return isLost;
    }
}
