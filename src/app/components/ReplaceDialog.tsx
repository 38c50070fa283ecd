import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { strings } from '../strings.ts';

/** Asks before another file takes the place of results. */
export function ReplaceDialog(props: {
  name: string;
  isOpen: boolean;
  onClose: (agreed: boolean) => void;
}) {
  const { name, isOpen, onClose } = props;
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose(false);
      }}
    >
      <Modal className="modal modal-small">
        <Dialog className="dialog" role="alertdialog">
          <Heading slot="title" className="dialog-title">
            {strings.file.replaceHeading}
          </Heading>
          <p>{strings.file.replaceText(name)}</p>
          <div className="buttons buttons-end">
            <Button className="button" onPress={() => onClose(false)}>
              {strings.file.keep}
            </Button>
            <Button className="button button-primary" onPress={() => onClose(true)}>
              {strings.file.replace}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
