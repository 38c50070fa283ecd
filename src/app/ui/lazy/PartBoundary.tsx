import { Component, type ComponentType, createContext, type ReactNode } from 'react';

/** Stands in for a part that failed. */
export type FailedPart = ComponentType<{
  thrown: unknown;
  /** True if the part is a whole screen. */
  isScreen: boolean;
  /** Renders the part again. */
  onRetry: () => void;
}>;

/** Provided by the page, which knows what a failure means for a run. */
export const FailedPartContext = createContext<FailedPart | null>(null);

interface Props {
  children: ReactNode;
  /** True if the part is a whole screen. Default false. */
  isScreen?: boolean;
  /** Called before the part is rendered again. */
  onRetry?: () => void;
}

/** Contains the errors of a part of the page, or of loading its script: tabs and a run continue. */
export class PartBoundary extends Component<Props, { thrown: unknown; failed: boolean }> {
  static override contextType = FailedPartContext;
  declare context: FailedPart | null;
  override state = { thrown: null as unknown, failed: false };

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown, failed: true };
  }

  override render() {
    const { thrown, failed } = this.state;
    if (!failed) return this.props.children;
    const Failed = this.context;
    if (Failed === null) throw thrown;
    return (
      <Failed
        thrown={thrown}
        isScreen={this.props.isScreen ?? false}
        onRetry={() => {
          this.props.onRetry?.();
          this.setState({ thrown: null, failed: false });
        }}
      />
    );
  }
}
